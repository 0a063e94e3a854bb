import { stdout } from 'node:process';
import { type Command, CommanderError } from 'commander';
import { type ConfigKey, configKeys } from '#core/config/keys.ts';

const POINTER = `
Keys for --set and --config: --help-keys lists them with what is allowed and their defaults,
\`windtunnel explain KEY\` tells about one, \`windtunnel config init\` writes them all with their meaning.`;

/** Adds `--help-keys`, which prints every key of the config instead of running, and points to it. */
export function addKeysHelp(command: Command): Command {
  command
    .option('--help-keys', 'list the keys for --set and --config')
    .addHelpText('after', POINTER);
  return command.on('option:help-keys', () => {
    stdout.write(`${keysHelp()}\n`);
    throw new CommanderError(0, 'commander.helpDisplayed', '');
  });
}

/** Every key of the config with what all its variants allow, and its default, from the schema. */
export function keysHelp(): string {
  const keys = configKeys();
  const paths = [...new Set(keys.map(({ path }) => path))];
  const width = Math.max(...paths.map((path) => path.length));
  const lines = paths.map((path) => {
    const variants = keys.filter((key) => key.path === path);
    return `  ${path.padEnd(width)}  ${allowedOf(variants)}`;
  });
  return ['Keys for --set and --config, with what is allowed and [the default]:', ...lines].join(
    '\n',
  );
}

function allowedOf(variants: readonly ConfigKey[]): string {
  const allowed = [...new Set(variants.map((key) => key.allowed))];
  const text = allowed.join(allowed.every((name) => /^\w+$/.test(name)) ? ', ' : '; or ');
  const standard = variants.find(({ defaultValue }) => defaultValue !== undefined)?.defaultValue;
  return standard === undefined ? text : `${text} [${String(standard)}]`;
}
