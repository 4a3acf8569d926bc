import { AGENT_ROW_BUCKETS, streamOfBucket, streams } from '@skynet/contracts';
import type { StreamFault } from '@skynet/platform';
import type { StreamReport } from '@skynet/platform/operations';

/** What was read of a system before it is judged. */
export interface Examination {
  readonly streams: readonly StreamReport[];
  /** Streams of the log in which something can't be read, with the first place. */
  readonly unreadable?: readonly StreamFault[];
  /** Streams of auth that lie in the common log of a release before. */
  readonly leftBehind?: readonly string[];
}

/** One thing that is not as it should be. */
export interface Finding {
  /** `damage` can be repaired or must be restored; a `notice` is only worth to know. */
  readonly kind: 'damage' | 'notice';
  readonly what: string;
  /** What to do about it. */
  readonly next: string;
}

type Examiner = (examination: Examination) => readonly Finding[];

const REPAIR = '"skynet log doctor --repair" on "skynet up --store-only"';
const LOOK_AGAIN = 'While services run it may be passing: look again.';

/** Made anew from the log, or of no worth after a restart. */
const REMADE: ReadonlySet<string> = new Set([
  streams.commands,
  streams.runs,
  streams.deadLetters,
  streams.health,
  ...AGENT_ROW_BUCKETS.map(streamOfBucket),
  'KV_checkpoints',
  'KV_leases',
  'KV_worker-leases',
  'KV_provider-allowances',
  'KV_schedule',
  'KV_snapshots',
]);

/** Whether a stream may be deleted and made anew. */
export function isRemade(stream: string): boolean {
  return REMADE.has(stream);
}

const damagedStreams: Examiner = (examination) =>
  examination.streams
    .filter(({ isDamaged }) => isDamaged)
    .map(({ name }) => ({
      kind: 'damage',
      what: `${name} counts beyond 2^53: an older nats-server ran on the folder of a newer one.`,
      next: isRemade(name)
        ? `${REPAIR} makes it anew.`
        : 'It can not be made anew: restore the newest backup into a new folder.',
    }));

const stuckMessages: Examiner = (examination) =>
  examination.streams
    .filter(({ stuck }) => stuck > 0)
    .map(({ name, stuck }) => ({
      kind: 'damage',
      what: `${stuck} messages in ${name} will never be delivered again: its consumer counts them as done.`,
      next: `${REPAIR} makes it anew. ${LOOK_AGAIN}`,
    }));

const deadLetters: Examiner = (examination) =>
  examination.streams
    .filter(({ name, messages }) => name === streams.deadLetters && messages > 0)
    .map(({ messages }) => ({
      kind: 'notice',
      what: `${messages} messages are parked as dead letters.`,
      next: 'docs/operations/runbooks.md says how to read and send them again.',
    }));

const unreadableStreams: Examiner = ({ unreadable = [] }) =>
  unreadable.map(({ stream, place, reason, isNewer }) =>
    isNewer
      ? {
          kind: 'notice',
          what: `${stream} is held at ${place}: ${reason}.`,
          next: 'Upgrade the services: then it goes on.',
        }
      : {
          kind: 'damage',
          what: `${stream} is damaged at ${place}: ${reason}.`,
          next: 'Nothing repairs it in place. It counts as failed and all others go on: docs/operations/runbooks.md#skynetlogdamaged',
        },
  );

const usersLeftBehind: Examiner = ({ leftBehind = [] }) =>
  leftBehind.length === 0
    ? []
    : [
        {
          kind: 'damage',
          what: `${leftBehind.length} users and clients of a release before lie in LOG, where several services can read them; auth waits for them.`,
          next: '"skynet log upgrade" brings them to AUTHLOG.',
        },
      ];

const examiners: readonly Examiner[] = [
  damagedStreams,
  stuckMessages,
  unreadableStreams,
  usersLeftBehind,
  deadLetters,
];

/** All that is not as it should be. */
export function findingsOf(examination: Examination): readonly Finding[] {
  return examiners.flatMap((examine) => examine(examination));
}
