import { house } from '../house.js';
import { findCycles } from './cycles.js';
import { findDoors } from './doors.js';
import type { Finding } from './finding.js';
import { findKnots } from './folders.js';
import { findImports } from './imports.js';
import { findLayout } from './layout.js';
import { findManifests, type Manifest } from './manifests.js';
import { findOptOuts } from './opt-outs.js';
import { findImpurity } from './purity.js';
import { findReach } from './reach.js';
import { readSources, type SourceFile } from './source-tree.js';

/** Every break of the architecture below a root, from the sources alone: ESLint has no part in it. */
export function checkArchitecture(
  root: string,
  manifests: ReadonlyMap<string, Manifest>,
): { readonly sources: readonly SourceFile[]; readonly findings: readonly Finding[] } {
  const sources = readSources(root, house);
  const findings = [
    ...findImports(sources),
    ...findImpurity(sources),
    ...findCycles(sources),
    ...findKnots(sources),
    ...findReach(sources),
    ...findLayout(sources),
    ...findOptOuts(sources),
    ...findDoors(sources),
    ...findManifests(sources, manifests),
  ];
  return { sources, findings };
}
