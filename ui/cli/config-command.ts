import type { Command } from 'commander';

const EXAMPLES = `
Examples:
    $ windtunnel config init run.yaml
    $ windtunnel config validate run.yaml --set cluster.workers=16
    $ windtunnel config expand --config run.yaml
    $ windtunnel config diff run.yaml other.yaml`;

/** The `config` command that the verbs below it share; the first that asks creates it. */
export function configCommand(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'config');
  if (existing !== undefined) return existing;
  return program
    .command('config')
    .description('write, check and compare configs')
    .addHelpText('after', EXAMPLES);
}
