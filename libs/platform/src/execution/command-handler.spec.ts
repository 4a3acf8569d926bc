import { expect, it } from '@jest/globals';
import { accept, nothingToDo, reject, type Decider } from '@skynet/kernel';
import { ManualClock } from '@skynet/testing';
import { MemoryEventStore, MemoryLog } from '../event-store/memory-event-store.adapter.js';
import { CommandHandler } from './command-handler.js';
import type { StreamModel } from './stream-model.js';

interface Write {
  readonly id: string;
  readonly word: string;
}

const NO_WORD = { code: 'NO_WORD', message: 'There is no word.', next: 'Name one.' };

const decider: Decider<Write, { id: string; word: string }, ReadonlyMap<string, string>> = {
  initialState: new Map(),
  decide: ({ id, word }, written) => {
    if (word === '') return reject(NO_WORD);
    return written.has(id) ? nothingToDo() : accept({ id, word });
  },
  evolve: (written, { id, word }) => new Map([...written, [id, word]]),
};

const model: StreamModel<Write, { id: string; word: string }, ReadonlyMap<string, string>> = {
  decider,
  begins: () => false,
  streamOf: (id) => `book-${id}`,
  read: ({ data }) => data as { id: string; word: string },
  write: (data) => ({
    type: 'WordWritten',
    version: 1,
    data,
    metadata: { correlationId: '', causationId: '', tenant: 'acme', principal: 'a', epoch: 0 },
  }),
  sizeOf: () => 1,
};

const BOOK = 'one';
const origin = { tenant: 'acme', principal: 'a' };
const order = (id: string, word: string) => ({ command: { id, word }, origin });

/** Two processes that know the stream up to its first word. */
async function twoHandlers() {
  const log = new MemoryLog();
  const [here, there] = [0, 1].map(
    () => new CommandHandler({ store: new MemoryEventStore(log), model, clock: new ManualClock() }),
  ) as [CommandHandler<Write, unknown, unknown>, CommandHandler<Write, unknown, unknown>];
  await here.executeTogether(BOOK, [order('first', 'once')]);
  await there.load(BOOK);
  const words = async () => {
    const events = await new MemoryEventStore(log).read(`book-${BOOK}`);
    return events.map(({ data }) => (data as { word: string }).word);
  };
  return { here, there, words };
}

it('appends the commands that go together with one that another process has just carried out', async () => {
  const { here, there, words } = await twoHandlers();
  await there.executeTogether(BOOK, [order('second', 'upon')]);
  await here.executeTogether(BOOK, [order('second', 'upon'), order('third', 'a')]);
  expect(await words()).toEqual(['once', 'upon', 'a']);
});

it('goes by what the log says of a command that another process has carried out with another outcome', async () => {
  const { here, there, words } = await twoHandlers();
  await there.executeTogether(BOOK, [order('second', 'upon')]);
  const [execution] = await here.executeTogether(BOOK, [order('second', 'above')]);
  expect(await words()).toEqual(['once', 'upon']);
  expect(execution?.state).toEqual(
    new Map([
      ['first', 'once'],
      ['second', 'upon'],
    ]),
  );
});

it('carries out a command that follows another one only when that has changed something', async () => {
  const { here, there, words } = await twoHandlers();
  const following = { command: { id: 'third', word: 'a', follows: true }, origin };
  await there.executeTogether(BOOK, [order('second', 'upon')]);
  const executions = await here.executeTogether(BOOK, [order('second', 'upon'), following]);
  expect(await words()).toEqual(['once', 'upon']);
  expect(executions[1]).toMatchObject({ events: [] });
  await here.executeTogether(BOOK, [order('fourth', 'time'), following]);
  expect(await words()).toEqual(['once', 'upon', 'time', 'a']);
});

it('answers what is refused with the state and the reason, and carries out what goes with it', async () => {
  const { here, words } = await twoHandlers();
  const executions = await here.executeTogether(BOOK, [order('second', ''), order('third', 'a')]);
  const state = new Map([
    ['first', 'once'],
    ['third', 'a'],
  ]);
  expect(executions).toEqual([
    { state, revision: 1, refused: NO_WORD },
    { state, revision: 1, events: [{ id: 'third', word: 'a' }], position: expect.any(String) },
  ]);
  expect(await words()).toEqual(['once', 'a']);
});
