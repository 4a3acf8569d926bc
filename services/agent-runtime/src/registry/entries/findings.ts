import type { RegistryFinding } from '@skynet/contracts';
import { z } from 'zod';
import type { Mistake } from './entry-reader.js';
import { isObject, type Path, type PlacedJson } from './placed-json.js';

/** Where an entry stands that has a file of its own. */
export interface OwnFile {
  readonly file: string;
  readonly lineOf: (path: Path) => number;
}

/** Collects what is wrong in one registry file, and which entries are left out for it. */
export class Findings {
  readonly all: RegistryFinding[] = [];
  readonly refused: Record<string, string> = {};
  private readonly ownFiles = new Map<string, OwnFile>();

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

  /** What is wrong in the entry, `templates.poet` for example, stands in this file. */
  placeEntry(entry: string, place: OwnFile): void {
    this.ownFiles.set(entry, place);
  }

  /** `entry`: what is left out when the mistake refuses it, as `servers.files`. */
  add(at: Path, mistake: Mistake, entry?: string): void {
    const [section, name] = [...at, ...mistake.path];
    this.addIn(this.ownFiles.get(`${section}.${name}`), at, mistake);
    const { path, cause, severity } = mistake;
    if (severity !== 'refused' || entry === undefined) return;
    this.refused[entry] ??= path.length === 0 ? cause : `${z.core.toDotPath([...path])}: ${cause}`;
  }

  /** What is wrong in an entry of another file than this one; nothing is left out for it. */
  addIn(own: OwnFile | undefined, at: Path, { path, cause, next, severity }: Mistake): void {
    const whole = [...at, ...path];
    this.all.push({
      file: own?.file ?? this.file,
      line: own === undefined ? this.placed.lineOf(whole) : own.lineOf(whole.slice(2)),
      path: z.core.toDotPath(whole),
      cause,
      next,
      severity,
    });
  }
}
