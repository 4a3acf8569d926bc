import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

const STANDARD_OUTPUT = 1;

/**
 * Where results go. Node takes a file that took a part of what was written for one that took all, as a disk does that
 * gets full: a file is written to its end, or is an error.
 */
export function outputOf(stream: NodeJS.WriteStream): Writable & { readonly isTTY?: boolean } {
  return isFile() ? wholeFile((bytes) => writeSync(STANDARD_OUTPUT, bytes)) : stream;
}

/** `write`: takes some of the bytes and says how many. */
export function wholeFile(write: (bytes: Uint8Array) => number): Writable {
  return new Writable({
    write(chunk: Uint8Array, _, done) {
      try {
        for (let rest = chunk; rest.length > 0;) rest = rest.subarray(write(rest));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Resolves when all that was written is out; an error is heard by who listens for it. */
export function whenWritten(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

function isFile(): boolean {
  try {
    return fstatSync(STANDARD_OUTPUT).isFile();
  } catch {
    return false;
  }
}
