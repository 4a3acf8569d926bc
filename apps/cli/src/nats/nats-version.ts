/** Version of a nats-server. */
export interface NatsVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

type Minor = Pick<NatsVersion, 'major' | 'minor'>;

/** The oldest that its makers still mend. */
export const MENDED: Minor = { major: 2, minor: 12 };

/** What `nats-server --version` printed; undefined when it is something else. */
export function parseNatsVersion(text: string): NatsVersion | undefined {
  const [, major, minor, patch = '0'] = /\bv?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

export function isOlderMinor(one: Minor, other: Minor): boolean {
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}

export function minorText({ major, minor }: Minor): string {
  return `${major}.${minor}`;
}

export function versionText(version: NatsVersion): string {
  return `${minorText(version)}.${version.patch}`;
}

/** The patches before these said that they synced every append and could still lose some. */
const FIRST_SYNCING = new Map([
  [12, 15],
  [14, 5],
]);

/** Whether `sync_interval: always` keeps what it promises. */
export function canSyncAlways({ major, minor, patch }: NatsVersion): boolean {
  if (major > 2 || minor > 14) return true;
  return patch >= (FIRST_SYNCING.get(minor) ?? Infinity);
}
