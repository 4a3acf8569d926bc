import type { RegistryFinding } from '@skynet/contracts';
import { z } from 'zod';
import type { Mistake } from './entry-reader.js';
import { isObject, type Path, type PlacedJson } from './placed-json.js';

/** Collects what is wrong in one registry file, and which entries are left out for it. */
export class Findings {
  readonly all: RegistryFinding[] = [];
  readonly refused: Record<string, string> = {};

  constructor(
    private readonly file: string,
    private readonly placed: PlacedJson,
  ) {}

  /** The place of a server's entry. */
  placeOfServer(name: string): Path {
    const { value } = this.placed;
    const own = isObject(value) ? value['servers'] : undefined;
    return [isObject(own) && Object.hasOwn(own, name) ? 'servers' : 'mcpServers', name];
  }

  /** `entry`: what is left out when the mistake refuses it, as `servers.files`. */
  add(at: Path, { path, cause, next, severity }: Mistake, entry?: string): void {
    const whole = [...at, ...path];
    const shown = z.core.toDotPath(whole);
    this.all.push({
      file: this.file,
      line: this.placed.lineOf(whole),
      path: shown,
      cause,
      next,
      severity,
    });
    if (severity !== 'refused' || entry === undefined) return;
    this.refused[entry] ??= path.length === 0 ? cause : `${z.core.toDotPath([...path])}: ${cause}`;
  }
}
