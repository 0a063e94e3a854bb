import { setTimeout } from 'node:timers/promises';

const STEP_MS = 5;
const PATIENCE_MS = 30_000;

/** Waits until something is so; fails after a time that even a busy machine does not need. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await setTimeout(STEP_MS);
  }
}
