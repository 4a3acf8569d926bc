import type { RegistryFinding } from '@skynet/contracts';
import { z } from 'zod';
import type { Mistake } from './entry-reader.js';
import type { Path } from './placed-json.js';

/** Collects what is wrong in one registry file, and which entries are left out for it. */
export class Findings {
  readonly all: RegistryFinding[] = [];
  readonly refused: Record<string, string> = {};

  constructor(
    private readonly file: string,
    private readonly lineOf: (path: Path) => number,
  ) {}

  /** `entry`: what is left out when the mistake refuses it, as `servers.files`. */
  add(at: Path, { path, cause, next, severity }: Mistake, entry?: string): void {
    const whole = [...at, ...path];
    const shown = z.core.toDotPath(whole);
    this.all.push({
      file: this.file,
      line: this.lineOf(whole),
      path: shown,
      cause,
      next,
      severity,
    });
    if (severity !== 'refused' || entry === undefined) return;
    this.refused[entry] ??= path.length === 0 ? cause : `${z.core.toDotPath([...path])}: ${cause}`;
  }
}
