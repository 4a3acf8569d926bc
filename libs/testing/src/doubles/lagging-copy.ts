/** What is needed of a NATS connection. */
export interface RequestingConnection {
  request(subject: string, payload?: unknown, options?: unknown): Promise<unknown>;
}

interface Answer {
  readonly data: Uint8Array;
}

const DIRECT_GET = /^\$JS\.API\.DIRECT\.GET\.([^.]+)(?:\.(.+))?$/;
const LEADER_GET = /^\$JS\.API\.STREAM\.MSG\.GET\./;
const STREAM_INFO = /^\$JS\.API\.STREAM\.INFO\./;
const NOWHERE = Number.MAX_SAFE_INTEGER;

/**
 * Makes one server look to this connection like a cluster with three copies of each stream, where direct gets are
 * answered by a copy that is behind when the test says so. What is asked of the leader is answered rightly.
 */
export class LaggingCopy {
  readonly #lacked = new Set<number>();
  readonly #lackedByAll = new Set<number>();
  readonly #behind = new Map<string, number>();
  readonly #ask: RequestingConnection['request'];

  constructor(connection: RequestingConnection, copies = 3) {
    this.#ask = connection.request.bind(connection);
    connection.request = async (subject, payload, options) => {
      const answer = await this.#ask(...this.#asked(subject, payload), options);
      return STREAM_INFO.test(subject) ? withCopies(answer as Answer, copies) : answer;
    };
  }

  /** The next direct get of this place finds nothing. */
  lacksOnce(sequence: number): void {
    this.#lacked.add(sequence);
  }

  /** From now on neither the copy nor the leader finds anything at this place. */
  lacksEverywhere(sequence: number): void {
    this.#lackedByAll.add(sequence);
  }

  /** The next direct get of the last message of the subject finds that of an older place; 0: none. */
  isBehindOnce(subject: string, sequence: number): void {
    this.#behind.set(subject, sequence || NOWHERE);
  }

  /** All that was asked for has happened. */
  get isDone(): boolean {
    return this.#lacked.size === 0 && this.#behind.size === 0;
  }

  #asked(subject: string, payload: unknown): [string, unknown] {
    const [, stream, last] = DIRECT_GET.exec(subject) ?? [];
    const older = last === undefined ? undefined : this.#behind.get(last);
    if (last !== undefined && older !== undefined) {
      this.#behind.delete(last);
      return [`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq: older })];
    }
    const seq = sequenceOf(payload);
    const isMissing =
      (stream !== undefined && this.#lacked.delete(seq)) ||
      ((stream !== undefined || LEADER_GET.test(subject)) && this.#lackedByAll.has(seq));
    return [subject, isMissing ? JSON.stringify({ seq: NOWHERE }) : payload];
  }
}

function sequenceOf(payload: unknown): number {
  const text = payload instanceof Uint8Array ? Buffer.from(payload).toString() : payload;
  if (typeof text !== 'string' || text === '') return 0;
  return (JSON.parse(text) as { seq?: number }).seq ?? 0;
}

function withCopies(answer: Answer, copies: number): Answer {
  const told = JSON.parse(Buffer.from(answer.data).toString()) as { config?: object };
  const { config } = told;
  if (config === undefined) return answer;
  const changed = JSON.stringify({ ...told, config: { ...config, num_replicas: copies } });
  return Object.create(answer, { data: { value: Buffer.from(changed) } }) as Answer;
}
