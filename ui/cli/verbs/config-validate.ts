import { stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { configDigest } from '#core/config/digest.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { formatNumber } from '#sim/report/format.ts';
import { configCommand } from '../config-command.ts';
import { isServeConfig, loadConfig } from '../config-file.ts';
import {
  addConfigOptions,
  addFormatOption,
  type ConfigOptions,
  configFileOf,
  type FormatOptions,
} from '../config-options.ts';

const EXAMPLES = `
Examples:
    $ windtunnel config validate run.yaml
    $ windtunnel config validate run.yaml --set router.mode=round_robin --format json

  The config of windtunnel serve is known by its keys, and judged as one:
    $ windtunnel config validate serve.yaml

A config that cannot be used ends with exit code 2, and every problem is listed.`;

/** What is said of a config that can be used: for scripts, and for people. */
interface Verdict {
  readonly json: object;
  readonly text: string;
}

/** `windtunnel config validate FILE`: says whether a config can be used. */
export function register(program: Command): void {
  const command = configCommand(program)
    .command('validate')
    .description('check a config, of a run or of serve, and print its digest')
    .argument('[file]', 'config file, YAML or JSON; as --config names one')
    .addHelpText('after', EXAMPLES)
    .action(validate);
  addFormatOption(addConfigOptions(command));
}

async function validate(
  named: string | undefined,
  options: ConfigOptions & FormatOptions,
): Promise<void> {
  const file = configFileOf(named, options);
  if (file === undefined) {
    throw new InputError('usage', 'there is no config to check', { remedy: 'name a file' });
  }
  const judge = isServeConfig(file) ? judgeServe : judgeRun;
  const { json, text } = await judge(file, options.set);
  const result = { file, valid: true, ...json };
  if (options.format === 'json') stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else stdout.write(`${file}: valid; ${text}\n`);
}

function judgeRun(file: string, sets: readonly SetOption[]): Verdict {
  const { config } = loadConfig(file, sets);
  const digest = configDigest(config);
  const json = { kind: 'run', version: config.version, config_sha256: digest };
  return { json, text: `config_sha256 ${digest}` };
}

async function judgeServe(file: string, sets: readonly SetOption[]): Promise<Verdict> {
  // What only a live router reads is loaded by whoever has its config.
  const { readServeConfig } = await import('../serve-config.ts');
  const { version, engines, router } = readServeConfig(file, sets).options.config;
  const json = { kind: 'serve', version, engines: engines.length, mode: router.mode };
  return {
    json,
    text: `for windtunnel serve, ${formatNumber(engines.length, 'engine')} by ${router.mode}`,
  };
}
