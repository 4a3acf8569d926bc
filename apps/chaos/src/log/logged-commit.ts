/** An event as it stands in the log. */
export interface LoggedEvent {
  readonly type: string;
  readonly epoch: number;
  readonly timeMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One message of the log, as its headers and body say. */
export interface LoggedCommit {
  /** Last token of its subject. */
  readonly agentId: string;
  /** Place in the log. */
  readonly sequence: number;
  readonly id: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** Place of the commit before it in the same subject; 0 for the first. */
  readonly previous: number;
  readonly events: readonly LoggedEvent[];
}

/** A message as the server keeps it. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly text: string;
  readonly header: (name: string) => string;
}

interface Body {
  readonly timeMs: number;
  readonly metadata: { readonly epoch: number };
  readonly events: readonly {
    readonly type: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly timeMs?: number;
    readonly metadata?: { readonly epoch: number };
  }[];
}

/** Reads a commit anew, with nothing of the product's own reader. @throws Error when it is none */
export function readCommit({ subject, sequence, text, header }: StoredMessage): LoggedCommit {
  const [first = NaN, last = NaN] = header('Skynet-Revisions').split('-').map(Number);
  const body = JSON.parse(text) as Body;
  return {
    agentId: subject.slice(subject.lastIndexOf('.') + 1),
    sequence,
    id: header('Skynet-Commit'),
    firstRevision: first,
    lastRevision: last,
    previous: Number(header('Skynet-Previous')),
    events: body.events.map((event) => ({
      type: event.type,
      epoch: (event.metadata ?? body.metadata).epoch,
      timeMs: event.timeMs ?? body.timeMs,
      data: event.data,
    })),
  };
}
