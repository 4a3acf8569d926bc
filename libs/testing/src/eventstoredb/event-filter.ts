import type { ReadReq } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { RecordedEvent } from './recorded-events.js';

/** Which events a read of `$all` wants. */
export function filterOf(options: ReadReq.Options): (event: RecordedEvent) => boolean {
  const filter = options.getFilter();
  if (filter === undefined) return () => true;
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const pattern = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined;
  return ({ stream, type }) => {
    const text = byStream ? stream : type;
    return pattern?.test(text) ?? prefixes.some((prefix) => text.startsWith(prefix));
  };
}

/** Every so many events the subscriber is told how far the server has looked. */
export function windowOf(options: ReadReq.Options): number | undefined {
  const filter = options.getFilter();
  if (!filter?.hasMax()) return undefined;
  return filter.getMax() * Math.max(1, filter.getCheckpointintervalmultiplier());
}
