/**
 * Connection string of a real EventStoreDB for tests, from SKYNET_TEST_EVENTSTORE; undefined when there is none. The
 * tests leave their streams there, and nothing else may write to it meanwhile.
 */
export function eventStoreServerUrl(): string | undefined {
  return process.env['SKYNET_TEST_EVENTSTORE'] || undefined;
}

/** Whether the stacks of tests keep their log in EventStoreDB's double: SKYNET_TEST_STACK_STORE=eventstoredb. */
export function stackIsOnEventStoreDb(): boolean {
  return process.env['SKYNET_TEST_STACK_STORE'] === 'eventstoredb';
}
