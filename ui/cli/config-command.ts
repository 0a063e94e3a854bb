import type { Command } from 'commander';

/** The `config` command that the verbs below it share; the first that asks creates it. */
export function configCommand(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'config');
  return existing ?? program.command('config').description('write, check and compare configs');
}
