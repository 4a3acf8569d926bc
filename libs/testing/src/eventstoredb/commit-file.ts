import { existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';

/** A file of one JSON value per line that only grows. What `append` returned from survives the end of the process. */
export class CommitFile {
  readonly #handle: number;
  readonly #lines: unknown[];

  /** Opens the file and creates it when it is not there. A last line that was cut off while it was written is dropped. */
  constructor(path: string) {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const end = bytes.lastIndexOf('\n') + 1;
    if (end < bytes.length) truncateSync(path, end);
    const texts = bytes.toString('utf8', 0, end).split('\n').filter(Boolean);
    this.#lines = texts.map((text) => JSON.parse(text) as unknown);
    this.#handle = openSync(path, 'a');
  }

  /** What was in the file when it was opened. */
  lines(): readonly unknown[] {
    return this.#lines;
  }

  append(line: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#handle, bytes, written);
    }
  }
}
