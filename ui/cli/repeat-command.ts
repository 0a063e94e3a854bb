import { env } from 'node:process';

/** What changes nothing but the noise on the way. */
const LEFT_OUT = ['--quiet'];

/** Options that name an output; the same run again meets its own, with the same bytes. */
const OUTPUT_OPTIONS = ['--output-dir', '--journal', '--summary-md'];

/**
 * The command that flies the same run again, quoted for a shell: what the user typed after the
 * program's name, seed included, without --quiet, and free to replace the outputs that it names.
 */
export function repeatCommand(args: readonly string[], seed: number): string {
  const kept = args.filter((arg) => !LEFT_OUT.includes(arg));
  if (!kept.some(saysSeed)) kept.push('--seed', String(seed));
  const writes = kept.some((arg) =>
    OUTPUT_OPTIONS.some((option) => arg === option || arg.startsWith(`${option}=`)),
  );
  if (writes && !kept.includes('--overwrite')) kept.push('--overwrite');
  return [programName(), ...kept.map(quote)].join(' ');
}

/**
 * The command with some flags, and `--set` options of some keys, taken out and others put in, quoted
 * for a shell. All flags that are taken out have a value.
 */
export function mendedCommand(
  args: readonly string[],
  without: { readonly flags: readonly string[]; readonly keys: readonly string[] },
  added: readonly string[],
): string {
  const kept: string[] = [];
  const isIdleSet = (text: string) => without.keys.some((key) => text.startsWith(`${key}=`));
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    const next = args[index + 1] ?? '';
    if (without.flags.includes(arg) || (arg === '--set' && isIdleSet(next))) index++;
    else if (arg.startsWith('--set=') && isIdleSet(arg.slice('--set='.length))) continue;
    else if (!without.flags.some((flag) => arg.startsWith(`${flag}=`))) kept.push(arg);
  }
  return [programName(), ...[...kept, ...added].map(quote)].join(' ');
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
