/** The parts of package-lock.json that are checked. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * What would make an install differ from machine to machine: a download address, a package without its hash, or an
 * optional package that the file does not name, for which `npm ci` refuses it.
 */
export function findLockFlaws({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([place, locked]) => [
    ...(isAddress(locked) ? [`${place} has a download address`] : []),
    ...(lacksHash(place, locked) ? [`${place} has no hash`] : []),
    ...Object.keys(locked.optionalDependencies ?? {})
      .filter((name) => !isLocked(packages, place, name))
      .map((name) => `${name} is missing; run node tools/lock/complete.mjs`),
  ]);
}

function isAddress({ resolved, link }: LockedPackage): boolean {
  return resolved !== undefined && link !== true;
}

/** Packages of other platforms may come without, see tools/lock. */
function lacksHash(place: string, { integrity, link, optional }: LockedPackage): boolean {
  return place.includes('node_modules/') && !link && !optional && integrity === undefined;
}

function isLocked(packages: Lock['packages'], place: string, name: string): boolean {
  return [`${place}/node_modules/${name}`, `node_modules/${name}`].some((each) => each in packages);
}
