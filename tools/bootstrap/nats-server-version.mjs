/** The oldest that runs at all. */
export const OLDEST = [2, 9];
/** The oldest that its makers still mend. */
export const SUPPORTED = [2, 12];

/** Major, minor and patch in what `nats-server --version` wrote; undefined when it is something else. */
export function versionIn(text) {
  const [, ...numbers] = /\bv(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return numbers.length === 0 ? undefined : numbers.map(Number);
}

export function isAtLeast([major, minor], [leastMajor, leastMinor]) {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** One line; undefined for a version that is mended. */
export function warningOf(version) {
  if (isAtLeast(version, SUPPORTED)) return undefined;
  return (
    `nats-server ${version.join('.')} is older than ${SUPPORTED.join('.')}: no support, open advisories; ` +
    '2.9 also forgets confirmed acks after a crash.'
  );
}
