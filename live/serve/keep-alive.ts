/** As long as a timer of Node can be. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive until work has ended. Timers of the live half do not, so that none holds up
 * an end; a router that waits for engines has no socket yet that would.
 */
export async function keepAlive<Result>(work: () => Promise<Result>): Promise<Result> {
  const held = setInterval(() => undefined, LONGEST_MS);
  try {
    return await work();
  } finally {
    clearInterval(held);
  }
}
