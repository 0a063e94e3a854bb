import { stdout } from 'node:process';
import type { Command } from 'commander';
import { configDigest } from '#core/config/digest.ts';
import { configCommand } from '../config-command.ts';
import { loadConfig } from '../config-file.ts';
import {
  addFormatOption,
  addSetOption,
  type FormatOptions,
  type SetOptions,
} from '../config-options.ts';

const EXAMPLES = `
Examples:
    $ windtunnel config validate run.yaml
    $ windtunnel config validate run.yaml --set router.mode=round_robin --format json

A config that cannot be used ends with exit code 2, and every problem is listed.`;

/** `windtunnel config validate FILE`: says whether a config can be used. */
export function register(program: Command): void {
  const command = configCommand(program)
    .command('validate')
    .description('check a config and print its digest')
    .argument('<file>', 'config file, YAML or JSON')
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: SetOptions & FormatOptions) => {
      const { config } = loadConfig(file, options.set);
      const digest = configDigest(config);
      if (options.format === 'json') {
        const result = { file, valid: true, version: config.version, config_sha256: digest };
        stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
      } else {
        stdout.write(`${file}: valid; config_sha256 ${digest}\n`);
      }
    });
  addFormatOption(addSetOption(command));
}
