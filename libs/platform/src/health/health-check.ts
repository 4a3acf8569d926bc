/** One thing a service needs to do its work. */
export interface HealthCheck {
  readonly name: string;
  /** Rejects, or takes over 2 s, when the thing is not there. */
  check(): Promise<void>;
  /** What is worth to know although the check passes; names nobody and nothing. */
  notice?(): string | undefined;
}
