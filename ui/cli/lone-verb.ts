import type { Command } from 'commander';
import { rootProgram } from './root-program.ts';
import { refuseRepeats } from './single-flags.ts';

interface Verb {
  readonly register: (program: Command) => void;
}

/** Verbs that are asked again and again, by scripts too, and need not wait for what others load. */
const LONE: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['accuracy', () => import('./verbs/accuracy.ts')],
  ['estimate', () => import('./verbs/estimate.ts')],
  ['mock-engine', () => import('./verbs/mock-engine.ts')],
]);

/** A program that knows just the verb that the arguments begin with; undefined for any other. */
export async function loneProgram(args: readonly string[]): Promise<Command | undefined> {
  const load = LONE.get(args[0] ?? '');
  if (load === undefined) return undefined;
  const { register } = await load();
  const program = rootProgram();
  register(program);
  refuseRepeats(program);
  return program;
}
