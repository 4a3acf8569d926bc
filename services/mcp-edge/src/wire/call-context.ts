import type { ClientContext } from '@skynet/contracts';
import { attributeNames as names, type Logger, type Span } from '@skynet/platform';
import { clientContext, type ReadContext } from './client-context.js';

/** What came with a call, in its message and in the headers of its request. */
export interface SentWith {
  readonly meta: unknown;
  readonly headers: Headers | undefined;
}

/** The context of a call's client. Read by calls alone that hand it on. */
export class CallContext {
  private known: ReadContext | undefined;

  constructor(
    private readonly sent: SentWith,
    private readonly span: Pick<Span, 'set'>,
    private readonly log: Pick<Logger, 'debug'>,
  ) {}

  read(): ClientContext | undefined {
    this.known ??= clientContext(this.sent.meta, this.sent.headers);
    return this.known.context;
  }

  /** Says what of it was left out here and, by the owner of agents, there. */
  tell(leftOutThere: readonly string[] = []): void {
    const leftOut = [...(this.known?.leftOut ?? []), ...leftOutThere];
    if (leftOut.length === 0) return;
    this.span.set({ [names.contextLeftOut]: leftOut });
    this.log.debug('parts of the context of a client are left out', { leftOut });
  }
}
