import type { MessageBus } from '@skynet/platform';
import { eventually } from './eventually.js';

/** The buses of the test that runs. */
export interface BusAccess {
  one(): MessageBus;
  other(): MessageBus;
}

/** Resolves when what `listener` subscribed to is known to the messages that `sender` sends. */
export async function reached(sender: MessageBus, listener: MessageBus): Promise<void> {
  const subject = `reached.${Math.random()}`.replace('0.', '');
  const stop = listener.serve(subject, 'all', () => Promise.resolve('yes'));
  await eventually(async () => {
    await sender.request(subject, 'there?');
  });
  stop();
}
