import { readPrincipalEvent, readUntrustedAgentEvent, streamNames } from '@skynet/contracts';
import type { EventStore, StreamFault } from '@skynet/platform';

/** Reads the whole log; each stream in which something can't be read, with the first place of it. */
export async function unreadableStreams(
  store: Pick<EventStore, 'subscribe'>,
): Promise<readonly StreamFault[]> {
  const { faultOf, faultOfDamage, readStored } = await import('@skynet/platform');
  const faults = new Map<string, StreamFault>();
  const revisions = new Map<string, number>();
  const keep = (fault: StreamFault) => {
    if (!faults.has(fault.stream)) faults.set(fault.stream, fault);
  };
  const onDamaged = (damage: Parameters<typeof faultOfDamage>[0]) => keep(faultOfDamage(damage));
  const subscription = await store.subscribe({ onDamaged }, ({ stream, revision, events }) => {
    const before = revisions.get(stream) ?? -1;
    revisions.set(stream, revision);
    const next = events[0]?.revision ?? 0;
    if (next !== before + 1) keep(holeBefore(stream, next));
    try {
      for (const event of events) readStored(event, read);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      keep(fault);
    }
  });
  subscription.closed.catch(() => undefined);
  await subscription.caughtUp;
  await subscription.stop();
  return [...faults.values()];
}

function read(stored: Parameters<typeof readUntrustedAgentEvent>[0]): void {
  if (stored.stream.startsWith(streamNames.agentPrefix)) readUntrustedAgentEvent(stored);
  else if (stored.stream.startsWith(streamNames.principalPrefix)) readPrincipalEvent(stored);
}

function holeBefore(stream: string, revision: number): StreamFault {
  const reason = 'an event before it is missing';
  return { stream, place: `event ${revision}`, reason, isNewer: false };
}
