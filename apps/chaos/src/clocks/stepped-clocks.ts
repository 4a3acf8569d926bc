import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const PROGRAM = resolve(import.meta.dirname, '../../programs/stepped-clock.mjs');

/** Sets the wall clocks of processes that were started with `nodeOptions`. */
export class SteppedClocks {
  private constructor(private readonly folder: string) {}

  static async in(folder: string): Promise<SteppedClocks> {
    await mkdir(folder);
    return new SteppedClocks(folder);
  }

  /** For `NODE_OPTIONS`. */
  get nodeOptions(): string {
    const program = pathToFileURL(PROGRAM);
    program.searchParams.set('folder', this.folder);
    return `--import=${program.href}`;
  }

  /** So far from the time of the machine, until `setRight`. */
  async step(pid: number, byMs: number): Promise<void> {
    await writeFile(this.#fileOf(pid), String(byMs));
  }

  async setRight(pid: number): Promise<void> {
    await rm(this.#fileOf(pid), { force: true });
  }

  #fileOf(pid: number): string {
    return join(this.folder, String(pid));
  }
}
