import { setFlagsFromString } from 'node:v8';

/**
 * Four times what V8 inlines into one function by default, in bytes of bytecode. An instant of the
 * simulation is a tree of small methods, which a run goes through hundreds of thousands of times;
 * with the default the tree is cut off in the middle, and a replay takes up to 10 % longer.
 */
const INLINED_BYTES = 3600;

/** Sets V8 up for simulations; functions that are optimised from now on profit. */
export function tuneEngine(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTES}`);
}
