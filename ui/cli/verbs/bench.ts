import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { packagePath } from '../package-paths.ts';

const EXAMPLES = `
Examples:
  $ windtunnel bench
  $ windtunnel bench replay

Figures, and what the profiles taught, are written down in test/bench/README.md.`;

/** `windtunnel bench [NAME]`: measures Windtunnel itself; the benches live in the repository only. */
export function register(program: Command): void {
  program
    .command('bench')
    .description('measure the speed of Windtunnel itself (in the repository)')
    .argument('[name]', 'which bench; without a name they are listed')
    .argument('[args...]', 'arguments of the bench')
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, args: readonly string[]) => {
      process.exitCode = runBench(name === undefined ? [] : [name, ...args]);
    });
}

function runBench(args: readonly string[]): number {
  const script = packagePath('test', 'bench', 'main.ts');
  if (!existsSync(script)) {
    throw new InputError('usage', 'the benches are part of the repository, not of the package', {
      remedy: 'clone the repository and run `npm run bench` there',
    });
  }
  return spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1;
}
