import { type Command, Option } from 'commander';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';
import { addKeysHelp } from './keys-help.ts';
import { addShortFlags } from './short-flags.ts';

/** What `addFlightOptions` leaves in a verb's options; the short flags are read by their table. */
export interface FlightOptions<Format extends string> extends ConfigOptions {
  readonly format: Format;
  readonly quiet?: boolean;
}

/** Adds what `replay` and `compare` share: config, short flags, format, progress. */
export function addFlightOptions(command: Command, formats: readonly string[]): Command {
  addShortFlags(addConfigOptions(command));
  command
    .addOption(
      new Option('--format <format>', 'form of the result').choices(formats).default('table'),
    )
    .option('--quiet', 'no progress on stderr');
  return addKeysHelp(command);
}
