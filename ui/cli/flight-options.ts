import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions } from './config-options.ts';
import { formatOption, type MoreForms } from './format-option.ts';
import { addKeysHelp } from './keys-help.ts';
import { addShortFlags } from './short-flags.ts';

/** What `addFlightOptions` leaves in a verb's options; the short flags are read by their table. */
export interface FlightOptions<Format extends string> extends ConfigOptions {
  readonly format: Format;
  readonly quiet?: boolean;
}

/** Adds what verbs that fly share: config, short flags, format, progress. `forms`: as `formatOption`. */
export function addFlightOptions(command: Command, ...forms: MoreForms): Command {
  addShortFlags(addConfigOptions(command));
  command.addOption(formatOption(...forms)).option('--quiet', 'no progress on stderr');
  return addKeysHelp(command);
}
