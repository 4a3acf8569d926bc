const SLICE_MS = 5;

let beganMs = performance.now();

/**
 * Await it between two steps of long work: most of the time it is nothing; after each 5 ms of work the process does what
 * else there is to do first. One count for all such work, since it shares the process.
 */
export function pauseForOthers(): Promise<void> | undefined {
  if (performance.now() - beganMs < SLICE_MS) return undefined;
  return new Promise((resolve) => {
    setImmediate(() => {
      beganMs = performance.now();
      resolve();
    });
  });
}
