import { randomUUID } from 'node:crypto';
import { readPrincipalEvent, streamNames, type PrincipalEvent } from '@skynet/contracts';
import {
  principalDecider,
  type PrincipalCommand,
  type PrincipalState,
} from '@skynet/domain-access';
import {
  CommandHandler,
  LogFollower,
  ProjectionLag,
  type Clock,
  type Commit,
  type EventStore,
  type Execution,
  type HealthCheck,
  type Logger,
  type Metrics,
  type Origin,
} from '@skynet/platform';
import { principalStreamModel } from './principal-stream.js';

/** A user or a client as the log has it. */
export interface KnownPrincipal extends PrincipalState {
  /** Epoch milliseconds: a user's login before this time counts no more. */
  readonly loginsFromMs: number;
}

interface Folded {
  readonly principal: KnownPrincipal;
  readonly revision: number;
}

export interface PrincipalsOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called when the log can't be followed any more. */
  readonly onBug: (error: unknown) => void;
}

/** A command without its id, which is made here. */
export type Request<Command> = Command extends PrincipalCommand ? Omit<Command, 'id'> : never;

export type PrincipalExecution = Execution<PrincipalEvent, PrincipalState>;

const ENDS_LOGINS: ReadonlySet<string> = new Set(['PasswordChanged', 'UserDisabled']);

/** All users and clients, folded from the log into memory and kept up to date. */
export class Principals {
  private readonly folded = new Map<string, Folded>();
  private readonly handler: CommandHandler<PrincipalCommand, PrincipalEvent, PrincipalState>;
  private readonly follower: LogFollower;
  private readonly lag: ProjectionLag;

  constructor(private readonly options: PrincipalsOptions) {
    this.handler = new CommandHandler({ ...options, model: principalStreamModel });
    this.follower = new LogFollower({
      ...options,
      prefix: streamNames.principalPrefix,
      handle: (commit) => this.fold(commit),
    });
    this.lag = new ProjectionLag({
      ...options,
      prefix: streamNames.principalPrefix,
      position: () => this.follower.position,
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
    return this.folded.get(name)?.principal;
  }

  /** In the order of their names. */
  all(): readonly KnownPrincipal[] {
    return [...this.folded]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { principal }]) => principal);
  }

  /** Carries out a request; this process knows the outcome at once, others a moment later. */
  async execute(
    name: string,
    request: Request<PrincipalCommand>,
    origin: Origin,
  ): Promise<PrincipalExecution> {
    const command = { id: randomUUID(), ...request };
    const execution = await this.handler.execute(name, command, origin);
    if (execution.ok && execution.revision >= 0) {
      const endsLogins = execution.events.some(({ type }) => ENDS_LOGINS.has(type));
      const endedMs = endsLogins ? this.options.clock.nowMs() : undefined;
      this.keep(name, execution.state, execution.revision, endedMs);
    }
    return execution;
  }

  private fold(commit: Commit): void {
    this.handler.observe(commit);
    for (const stored of commit.events) {
      const name = stored.stream.slice(streamNames.principalPrefix.length);
      const before = this.find(name) ?? principalDecider.initialState;
      const after = principalDecider.evolve(before, readPrincipalEvent(stored));
      const endedMs = ENDS_LOGINS.has(stored.type) ? stored.timeMs : undefined;
      this.keep(name, after, stored.revision, endedMs);
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
    const loginsFromMs = endedMs ?? before?.principal.loginsFromMs ?? 0;
    this.folded.set(name, { principal: { ...state, loginsFromMs }, revision });
  }
}
