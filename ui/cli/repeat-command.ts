import { env } from 'node:process';

/** Options that say where a result goes; a repetition should not overwrite it. */
const OUTPUT_OPTIONS = ['--output-dir', '--journal', '--summary-md', '--export', '--series-step'];

/** Flags of the same kind that take no value. */
const OUTPUT_FLAGS = ['--overwrite'];

/**
 * The command that flies the same run again, seed included, quoted for a shell. `args` is what the
 * user typed after the program's name.
 */
export function repeatCommand(args: readonly string[], seed: number): string {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (OUTPUT_FLAGS.includes(arg)) continue;
    if (OUTPUT_OPTIONS.includes(arg)) index++;
    else if (!OUTPUT_OPTIONS.some((option) => arg.startsWith(`${option}=`))) kept.push(arg);
  }
  if (!kept.some(saysSeed)) kept.push('--seed', String(seed));
  return [programName(), ...kept.map(quote)].join(' ');
}

/** How the program was started: `start.mjs` says so when it was `npm start`. */
export function programName(): string {
  return env.WINDTUNNEL_PROGRAM ?? 'windtunnel';
}

function saysSeed(arg: string, index: number, args: readonly string[]): boolean {
  if (arg === '--seed' || arg.startsWith('--seed=') || arg.startsWith('--set=seed=')) return true;
  return arg.startsWith('seed=') && args[index - 1] === '--set';
}

/** Single quotes around what a POSIX shell would take apart. */
function quote(arg: string): string {
  if (/^[\w@%+=:,./-]+$/.test(arg)) return arg;
  return `'${arg.replaceAll("'", "'\\''")}'`;
}
