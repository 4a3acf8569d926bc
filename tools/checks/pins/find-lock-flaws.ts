/** The parts of package-lock.json that are checked. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * What would make an install differ from machine to machine: a download address, a package without its hash, or an
 * optional package that the file does not name, for which `npm ci` refuses it.
 */
export function findLockFlaws({ packages }: Lock, withoutHash: readonly string[] = []): string[] {
  return Object.entries(packages).flatMap(([place, locked]) => [
    ...(isAddress(locked) ? [`${place} has a download address`] : []),
    ...(lacksHash(place, locked) && !isExcepted(place, locked, withoutHash)
      ? [`${place} has no hash`]
      : []),
    ...Object.keys(locked.optionalDependencies ?? {})
      .filter((name) => !isLocked(packages, place, name))
      .map((name) => `${name} is missing; run node tools/lock/complete.mjs`),
  ]);
}

function isAddress({ resolved, link }: LockedPackage): boolean {
  return resolved !== undefined && link !== true;
}

function lacksHash(place: string, { integrity, link }: LockedPackage): boolean {
  return place.includes('node_modules/') && !link && integrity === undefined;
}

/** Packages of other platforms, by name, see tools/lock; never what Linux on a common machine installs. */
function isExcepted(
  place: string,
  { optional, os = [], cpu = [], libc = [] }: LockedPackage,
  withoutHash: readonly string[],
): boolean {
  const isCommon =
    os.includes('linux') && libc.includes('glibc') && /^(x64|arm64)$/.test(cpu[0] ?? '');
  return optional === true && !isCommon && withoutHash.includes(place.slice(MODULES.length));
}

const MODULES = 'node_modules/';

/** Names of the packages that want to run something when they are installed. */
export function withInstallScript({ packages }: Lock): string[] {
  return Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place]) => place.slice(place.lastIndexOf(MODULES) + MODULES.length))
    .toSorted();
}

function isLocked(packages: Lock['packages'], place: string, name: string): boolean {
  return [`${place}/node_modules/${name}`, `node_modules/${name}`].some((each) => each in packages);
}
