import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { parseSetOption, type SetOption } from '#core/config/set-option.ts';

/** What `addSetOption` leaves in a verb's options. */
export interface SetOptions {
  readonly set: readonly SetOption[];
}

/** What `addConfigOptions` leaves in a verb's options. */
export interface ConfigOptions extends SetOptions {
  readonly config?: string;
}

/** Adds `--set KEY=VALUE`, which may be given many times. */
export function addSetOption(command: Command): Command {
  const option = new Option(
    '--set <key=value>',
    'change one key of the config, as often as needed; KEY=null takes it away',
  )
    .argParser((text: string, earlier: readonly SetOption[]) => [...earlier, parseSetOption(text)])
    .default([], 'none');
  return command.addOption(option);
}

/** Adds `--config FILE` and `--set KEY=VALUE`. */
export function addConfigOptions(command: Command): Command {
  return addSetOption(
    command.option('--config <file>', 'config file, YAML or JSON; without it all is default'),
  );
}

/**
 * The config file of a verb that takes it as an argument as well as by `--config`; both together are
 * refused.
 */
export function configFileOf(
  file: string | undefined,
  { config }: Pick<ConfigOptions, 'config'>,
): string | undefined {
  if (file === undefined || config === undefined) return file ?? config;
  throw new InputError('usage', 'two config files are named', {
    path: '--config',
    received: config,
    remedy: `leave it out, or ${file}`,
  });
}

/** Adds `--format text|json`. */
export function addFormatOption(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'how to print the result')
      .choices(['text', 'json'])
      .default('text'),
  );
}

/** The result format of a verb. */
export interface FormatOptions {
  readonly format: 'text' | 'json';
}
