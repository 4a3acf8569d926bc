import { randomUUID } from 'node:crypto';
import { streamNames, type PrincipalEvent } from '@skynet/contracts';
import {
  endsTokens,
  principalDecider,
  type PrincipalCommand,
  type PrincipalState,
} from '@skynet/domain-access';
import { isRefused } from '@skynet/kernel';
import {
  CommandHandler,
  LogFollower,
  ProjectionLag,
  StreamsSetAside,
  type Clock,
  type Commit,
  type EventStore,
  type Execution,
  type HealthCheck,
  type Logger,
  type Metrics,
  type Origin,
} from '@skynet/platform';
import type { Revocations } from '../revocation/revocations.js';
import { principalStreamModel } from './principal-stream.js';

/** A user or a client as the log has it. */
export interface KnownPrincipal extends PrincipalState {
  /** Epoch milliseconds: a user's login before this time counts no more. */
  readonly loginsFromMs: number;
  /** Of the stream, as far as it is known here. */
  readonly revision: number;
}

export interface PrincipalsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called when the log can't be followed any more. */
  readonly onBug: (error: unknown) => void;
  readonly revocations: Pick<Revocations, 'ofPrincipal' | 'surely'>;
}

/** A command without its id, which is made here. */
export type Request<Command> = Command extends PrincipalCommand ? Omit<Command, 'id'> : never;

export type PrincipalExecution = Execution<PrincipalEvent, PrincipalState>;

const ENDS_LOGINS: ReadonlySet<string> = new Set(['PasswordChanged', 'UserDisabled']);

/** All users and clients, folded from the log into memory and kept up to date. */
export class Principals {
  private readonly folded = new Map<string, KnownPrincipal>();
  private readonly handler: CommandHandler<PrincipalCommand, PrincipalEvent, PrincipalState>;
  private readonly follower: LogFollower;
  private readonly lag: ProjectionLag;
  private readonly setAside: StreamsSetAside;

  constructor(private readonly options: PrincipalsOptions) {
    this.setAside = new StreamsSetAside(options.log);
    this.setAside.count(options.metrics);
    this.handler = new CommandHandler({ ...options, model: principalStreamModel });
    this.follower = new LogFollower({
      ...options,
      prefix: streamNames.principalPrefix,
      handle: (commit) => this.fold(commit),
      setAside: this.setAside,
      // What can't be read may have ended logins: nobody gets in by what is known of before.
      onFault: ({ stream }) => void this.folded.delete(nameOf(stream)),
    });
    this.lag = new ProjectionLag({
      ...options,
      prefix: streamNames.principalPrefix,
      position: () => this.follower.position,
      setAside: this.setAside,
    });
  }

  /** Whether the principals are those of the log. */
  get healthCheck(): HealthCheck {
    return this.lag.healthCheck();
  }

  /** Resolves when every principal of the log is known. */
  async start(): Promise<void> {
    this.lag.start();
    await this.follower.start();
  }

  async stop(): Promise<void> {
    this.lag.stop();
    await this.follower.stop();
  }

  find(name: string): KnownPrincipal | undefined {
    return this.folded.get(name);
  }

  /** In the order of their names. */
  all(): readonly KnownPrincipal[] {
    return [...this.folded].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, principal]) => principal);
  }

  /**
   * Carries out a request; this process knows the outcome at once, others a moment later. What tokens were good for ends
   * before this resolves, if that can be written now.
   */
  async execute(
    name: string,
    request: Request<PrincipalCommand>,
    origin: Origin,
  ): Promise<PrincipalExecution> {
    const command = { id: randomUUID(), ...request };
    const execution = await this.handler.execute(name, command, origin);
    if (!isRefused(execution) && execution.revision >= 0) {
      const endsLogins = execution.events.some(({ type }) => ENDS_LOGINS.has(type));
      const endedMs = endsLogins ? this.options.clock.nowMs() : undefined;
      this.keep(name, execution.state, execution.revision, endedMs);
      if (execution.events.some(endsTokens)) await this.endTokens(name, execution.revision);
    }
    return execution;
  }

  /** Else it is done by whoever reads the log. */
  private async endTokens(name: string, revision: number): Promise<void> {
    const { revocations, clock, log } = this.options;
    try {
      await revocations.ofPrincipal(name, { revision, atMs: clock.nowMs() });
    } catch (error) {
      log.warn('revocation not written yet', { principal: name, error });
    }
  }

  private fold(commit: Commit): void {
    const { events, stream } = commit;
    if (this.setAside.of(stream) !== undefined) return;
    const name = nameOf(stream);
    for (const [index, event] of this.handler.take(commit).entries()) {
      const before = this.find(name) ?? principalDecider.initialState;
      const after = principalDecider.evolve(before, event);
      const { revision } = event;
      const atMs = events[index]?.timeMs ?? 0;
      this.keep(name, after, revision, ENDS_LOGINS.has(event.type) ? atMs : undefined);
      if (endsTokens(event)) this.options.revocations.surely(name, { revision, atMs });
    }
  }

  private keep(
    name: string,
    state: PrincipalState,
    revision: number,
    endedMs: number | undefined,
  ): void {
    const before = this.folded.get(name);
    if (before !== undefined && before.revision >= revision) return;
    const loginsFromMs = endedMs ?? before?.loginsFromMs ?? 0;
    this.folded.set(name, { ...state, loginsFromMs, revision });
  }
}

function nameOf(stream: string): string {
  return stream.slice(streamNames.principalPrefix.length);
}
