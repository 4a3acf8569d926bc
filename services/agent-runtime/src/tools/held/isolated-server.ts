import { within, WorldError, type Clock } from '@skynet/platform';
import type { LaunchRequest } from '@skynet/tool-host';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import type { ServerEntry } from '../../registry/registry.config.js';
import type {
  LeftOut,
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
  ToolUser,
} from '../tool-server.port.js';
import { HeldServer } from './held-server.js';
import { holderOf, homeOf, idleMsOf } from './isolation.js';
import { KnownLists } from './known-lists.js';

/** Holds the process that only tells what tools there are, and is never called. */
const LISTS = 'lists';
const LISTS_IDLE_MS = 60_000;
/** A call waits so long for a place while all processes are taken. */
const ROOM_PATIENCE_MS = 30_000;

export interface IsolatedServerMeans {
  readonly clock: Clock;
  /** Makes a server that connects at its first use; `home`: whose files a process finds. */
  readonly open: (home: LaunchRequest['holder']) => ToolServer;
  /** Another one with each call. */
  readonly nextNumber: () => number;
  /** Cut out of what the server says. */
  readonly secrets: KnownSecrets;
  /** Tools whose definition waits for an operator. Default: none. */
  readonly waiting?: () => readonly LeftOut[];
  /** Calls when what may be offered of the server changes, until the returned function is called. Default: never. */
  readonly onOffersChanged?: (listener: () => void) => () => void;
}

/** One server of the registry with its processes, or connections: one for each agent, tree or tenant, or one for all. */
export class IsolatedServer {
  private readonly held = new Map<string, HeldServer>();
  /** Ended, and not gone yet. */
  private readonly leaving = new Set<HeldServer>();
  private readonly lists: KnownLists;
  private freed = Promise.withResolvers<void>();
  private isRetired = false;
  private readonly stopListening: (() => void) | undefined;

  constructor(
    readonly name: string,
    private readonly entry: ServerEntry,
    private readonly means: IsolatedServerMeans,
  ) {
    this.lists = new KnownLists(entry, means.clock);
    this.stopListening = means.onOffersChanged?.(() => this.lists.forget());
  }

  /** The server as one user has it; without a user, as operators look at it. */
  for(user: ToolUser | undefined): ToolServer {
    const { name } = this;
    const versionOf = () => this.versionFor(user);
    const stateOf = () => this.state;
    return {
      name,
      get version() {
        return versionOf();
      },
      get state() {
        return stateOf();
      },
      list: () => this.list(user),
      call: (request, signal) => this.call(request, signal, user),
      close: () => this.close(),
    };
  }

  /** Ends what is held for an agent that has ended, and for its tree when that has ended as well. */
  release(user: ToolUser, isTreeOver: () => boolean): void {
    const { isolation } = this.entry;
    if (isolation !== 'agent' && isolation !== 'tree') return;
    const holder = holderOf(isolation, user);
    if (holder === undefined || !this.held.has(holder)) return;
    if (isolation === 'agent' || isTreeOver()) this.end(holder);
  }

  /** Each process ends with its last call. */
  retire(): void {
    this.isRetired = true;
    this.stopListening?.();
    for (const holder of [...this.held.keys()]) this.end(holder);
    this.wake();
  }

  async close(): Promise<void> {
    this.isRetired = true;
    this.stopListening?.();
    this.wake();
    await Promise.allSettled([...this.held.values(), ...this.leaving].map((each) => each.close()));
  }

  private versionFor(user: ToolUser | undefined): number {
    const holder = this.listedBy(user);
    return this.held.get(holder)?.version ?? this.lists.versionOf(holder);
  }

  private get state(): ToolServerState {
    const all = [...this.held.values()];
    const states = all.map(({ state }) => state);
    const instances = states.filter(({ kind }) => kind === 'ready').length;
    const shown = (['ready', 'starting', 'failed'] as const).flatMap(
      (kind) => states.find((state) => state.kind === kind) ?? [],
    )[0];
    const list = shown?.list ?? this.lists.any;
    const waiting = this.means.waiting?.();
    return { kind: 'idle', ...shown, instances, list, ...(waiting !== undefined && { waiting }) };
  }

  private async list(user: ToolUser | undefined): Promise<ToolList> {
    const holder = this.listedBy(user);
    const held = this.held.get(holder);
    const isAway = held === undefined || held.state.kind === 'idle';
    const known = isAway ? this.lists.get(holder) : undefined;
    if (known !== undefined) return known;
    const asked = held ?? this.openIfRoom(holder, user) ?? this.lister();
    const list = await asked.list();
    this.lists.keep(this.held.get(LISTS) === asked ? LISTS : holder, list, asked.version);
    return list;
  }

  private async call(
    request: ToolCallRequest,
    signal: AbortSignal,
    user: ToolUser | undefined,
  ): Promise<ToolResult> {
    const holder = holderOf(this.entry.isolation, user);
    if (holder === undefined) throw new WorldError(`${this.name}: called for nobody`, 'later');
    const { clock } = this.means;
    const untilMs = clock.monotonicMs() + ROOM_PATIENCE_MS;
    for (;;) {
      const held = this.held.get(holder) ?? this.openIfRoom(holder, user);
      if (held !== undefined) return held.call(request, signal);
      // Nothing but to be kept from other tenants was asked for: what one remembers may go.
      if (this.entry.isolation === 'tenant') this.endLongestUnused();
      const leftMs = untilMs - clock.monotonicMs();
      await within(clock, leftMs, this.roomOr(signal), () => this.full());
    }
  }

  /** Who tells what tools there are: a tenant's own process, as it will be called; for one agent only when it runs. */
  private listedBy(user: ToolUser | undefined): string {
    const { isolation } = this.entry;
    const holder = holderOf(isolation, user);
    if (isolation === 'shared' || isolation === 'tenant') return holder ?? this.ready ?? LISTS;
    const isThere = holder !== undefined && this.held.get(holder)?.state.kind === 'ready';
    return isThere ? holder : LISTS;
  }

  /** Any holder whose process runs. */
  private get ready(): string | undefined {
    return [...this.held].find(([, { state }]) => state.kind === 'ready')?.[0];
  }

  private lister(): HeldServer {
    return this.held.get(LISTS) ?? this.openFor(LISTS, undefined);
  }

  private openIfRoom(holder: string, user: ToolUser | undefined): HeldServer | undefined {
    if (this.isRetired) throw new WorldError(`${this.name}: its entry was changed`, 'later');
    if (holder === LISTS) return this.lister();
    return this.hasRoom ? this.openFor(holder, user) : undefined;
  }

  private get hasRoom(): boolean {
    const taken = this.held.size - (this.held.has(LISTS) ? 1 : 0) + this.leaving.size;
    return taken < this.entry.instances;
  }

  private openFor(holder: string, user: ToolUser | undefined): HeldServer {
    const { open, clock, nextNumber, secrets } = this.means;
    const { isolation } = this.entry;
    const held = new HeldServer(open(homeOf(isolation, user)), {
      clock,
      secrets,
      number: nextNumber(),
      idleMs: holder === LISTS ? LISTS_IDLE_MS : idleMsOf(this.entry),
      onIdle: () => this.end(holder),
      onRest: () => this.wake(),
    });
    this.held.set(holder, held);
    return held;
  }

  private endLongestUnused(): void {
    if (this.leaving.size > 0) return;
    const [first] = [...this.held]
      .filter(([holder, held]) => holder !== LISTS && !held.isBusy)
      .sort(([, one], [, other]) => one.lastUsedMs - other.lastUsedMs);
    if (first !== undefined) this.end(first[0]);
  }

  private end(holder: string): void {
    const held = this.held.get(holder);
    if (held === undefined) return;
    this.held.delete(holder);
    this.leaving.add(held);
    void held.retire().finally(() => {
      this.leaving.delete(held);
      this.wake();
    });
  }

  private wake(): void {
    const { resolve } = this.freed;
    this.freed = Promise.withResolvers<void>();
    resolve();
  }

  private roomOr(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => reject(new WorldError(`${this.name}: given up before the call`, 'later'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    void this.freed.promise.then(() => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    return promise;
  }

  private full(): WorldError {
    const { instances, isolation } = this.entry;
    const who = isolation === 'tenant' ? 'tenants' : `${isolation}s`;
    const seconds = ROOM_PATIENCE_MS / 1_000;
    const text = `the call was not made: other ${who} have all ${instances} processes of this server, and none was given back within ${seconds} s`;
    return new WorldError(`${this.name}: ${text}`, 'later');
  }
}
