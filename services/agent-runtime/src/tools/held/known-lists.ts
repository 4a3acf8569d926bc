import type { Clock } from '@skynet/platform';
import type { ServerEntry } from '../../registry/registry.config.js';
import type { ToolList } from '../tool-server.port.js';

const MINUTE_MS = 60_000;
/** A process is not started again only to be asked what it told so short ago. */
const VALID_MS = { stdio: 60 * MINUTE_MS, http: MINUTE_MS, sse: MINUTE_MS };
/** Holders whose lists are remembered; of more the oldest are asked for again. */
const MAX_KNOWN = 100;

interface Known {
  readonly list: ToolList;
  readonly version: number;
  readonly atMs: number;
}

/** What processes of one server have told of their tools, for the time after their end. A list is only used by who was told it. */
export class KnownLists {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly entry: Pick<ServerEntry, 'transport'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** Undefined when there is none that is new enough. */
  get(holder: string): ToolList | undefined {
    const known = this.known.get(holder);
    if (known === undefined) return undefined;
    const isOld = this.clock.monotonicMs() - known.atMs > VALID_MS[this.entry.transport];
    return isOld ? undefined : known.list;
  }

  /** The newest, however old. */
  get any(): ToolList | undefined {
    return [...this.known.values()].at(-1)?.list;
  }

  /** What was offered may not be offered now. */
  forget(): void {
    this.known.clear();
  }

  versionOf(holder: string): number {
    return this.known.get(holder)?.version ?? 0;
  }

  keep(holder: string, list: ToolList, version: number): void {
    this.known.delete(holder);
    this.known.set(holder, { list, version, atMs: this.clock.monotonicMs() });
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }
}
