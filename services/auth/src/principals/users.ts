import { randomUUID } from 'node:crypto';
import { readUserEvent, streamNames, type UserEvent } from '@skynet/contracts';
import { userDecider, type User, type UserCommand, type UserState } from '@skynet/domain-access';
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
import { userStreamModel } from './user-stream.js';

/** A user, and since when what was begun in this name still holds. */
export interface KnownUser extends User {
  /** Epoch milliseconds: a login before this time counts no more. */
  readonly loginsFromMs: number;
}

interface Folded {
  readonly user: KnownUser;
  readonly revision: number;
}

export interface UsersOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Called when the log can't be followed any more. */
  readonly onBug: (error: unknown) => void;
}

/** A command without its id, which is made here. */
export type UserRequest = UserCommand extends infer Command
  ? Command extends UserCommand
    ? Omit<Command, 'id'>
    : never
  : never;

const ENDS_LOGINS: ReadonlySet<string> = new Set(['PasswordChanged', 'UserDisabled']);

/** All users, folded from the log into memory and kept up to date. */
export class Users {
  private readonly folded = new Map<string, Folded>();
  private readonly handler: CommandHandler<UserCommand, UserEvent, UserState>;
  private readonly follower: LogFollower;
  private readonly lag: ProjectionLag;

  constructor(private readonly options: UsersOptions) {
    this.handler = new CommandHandler({ ...options, model: userStreamModel });
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

  /** Whether the users are those of the log. */
  get healthCheck(): HealthCheck {
    return this.lag.healthCheck();
  }

  /** Resolves when every user of the log is known. */
  async start(): Promise<void> {
    this.lag.start();
    await this.follower.start();
  }

  async stop(): Promise<void> {
    this.lag.stop();
    await this.follower.stop();
  }

  find(name: string): KnownUser | undefined {
    return this.folded.get(name)?.user;
  }

  /** In the order of their names. */
  list(tenant: string): readonly KnownUser[] {
    return [...this.folded.values()]
      .map(({ user }) => user)
      .filter((user) => user.tenant === tenant)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Carries out a request; this process knows the outcome at once, others a moment later. */
  async execute(
    name: string,
    request: UserRequest,
    origin: Origin,
  ): Promise<Execution<UserEvent, UserState>> {
    const command = { id: randomUUID(), ...request };
    const execution = await this.handler.execute(name, command, origin);
    if (execution.ok && execution.state !== undefined) {
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
      const user = userDecider.evolve(this.find(name), readUserEvent(stored));
      const endedMs = ENDS_LOGINS.has(stored.type) ? stored.timeMs : undefined;
      if (user !== undefined) this.keep(name, user, stored.revision, endedMs);
    }
  }

  private keep(name: string, user: User, revision: number, endedMs: number | undefined): void {
    const before = this.folded.get(name);
    if (before !== undefined && before.revision >= revision) return;
    const loginsFromMs = endedMs ?? before?.user.loginsFromMs ?? 0;
    this.folded.set(name, { user: { ...user, loginsFromMs }, revision });
  }
}
