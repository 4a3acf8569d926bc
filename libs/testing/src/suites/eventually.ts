const PAUSE_MS = 10;

/**
 * Repeats the check until it passes; only for what nothing announces. Throws what the check threw last when it does not
 * pass within `limitMs` (default: a little less than the time limit of a test).
 */
export async function eventually(
  check: () => Promise<void> | void,
  limitMs = 4_500,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() >= endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
