import type { Manifest } from '../architecture/manifests.js';

const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

interface Pin {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

/** Versions that are a range, and packages that two projects want in two versions. */
export function findLoosePins(manifests: ReadonlyMap<string, Manifest>): string[] {
  const pins = [...manifests].flatMap(pinsOf);
  const first = new Map<string, Pin>();
  return pins.flatMap((pin) => {
    const { folder, name, version } = pin;
    if (!EXACT.test(version)) return [`${folder}: ${name} ${version} is not an exact version`];
    const other = first.get(name) ?? pin;
    first.set(name, other);
    return other.version === version
      ? []
      : [`${folder}: ${name} ${version}, but ${other.version} in ${other.folder}`];
  });
}

/** Packages of npm that run in production, each with the folders that name it; `root` is the workspace itself. */
export function runtimeDependencies(
  manifests: ReadonlyMap<string, Manifest>,
): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [folder, { dependencies, optionalDependencies }] of manifests) {
    const place = folder === '.' ? 'root' : folder;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!name.startsWith('@skynet/')) places.set(name, [...(places.get(name) ?? []), place]);
    }
  }
  return places;
}

function pinsOf([folder, manifest]: [string, Manifest]): Pin[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return [dependencies, devDependencies, optionalDependencies].flatMap((group) =>
    Object.entries(group ?? {}).map(([name, version]) => ({ folder, name, version })),
  );
}
