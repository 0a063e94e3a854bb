import { type Command, Option } from 'commander';
import { configKeys } from '#core/config/keys.ts';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';
import { addShortFlags } from './short-flags.ts';

/** What `addFlightOptions` leaves in a verb's options; the short flags are read by their table. */
export interface FlightOptions<Format extends string> extends ConfigOptions {
  readonly format: Format;
  readonly quiet?: boolean;
}

/** Adds what `replay` and `compare` share: config, short flags, format, progress. */
export function addFlightOptions(command: Command, formats: readonly string[]): Command {
  addShortFlags(addConfigOptions(command));
  return command
    .addOption(
      new Option('--format <format>', 'form of the result').choices(formats).default('table'),
    )
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', keysHelp);
}

/** Every key of the config with its default, from the schema. */
function keysHelp(): string {
  const paths = configKeys().map(({ path }) => path);
  const keys = configKeys().filter(({ path }, index) => paths.indexOf(path) === index);
  const width = Math.max(...keys.map(({ path }) => path.length));
  const lines = keys.map(({ path, defaultValue, allowed }) => {
    const text = defaultValue === undefined ? allowed : `${allowed} [${String(defaultValue)}]`;
    return `  ${path.padEnd(width)}  ${text}`;
  });
  return [
    '',
    'Keys for --set and --config, with what is allowed and [the default]',
    '(`windtunnel config init` writes them all with their meaning):',
    ...lines,
  ].join('\n');
}
