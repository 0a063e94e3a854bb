import { stdout } from 'node:process';
import type { Command } from 'commander';
import { Document, isMap, isPair, isScalar, visit } from 'yaml';
import { assertDefined } from '#core/base/assert.ts';
import { ineffectiveKeys, writableConfig } from '#core/config/effect.ts';
import { entriesWithOrigins, type OriginEntry } from '#core/config/flatten.ts';
import type { Resolution } from '#core/config/resolve.ts';
import { valueAtPath } from '#core/config/written.ts';
import { configCommand } from '../config-command.ts';
import { loadConfig } from '../config-file.ts';
import {
  addConfigOptions,
  addFormatOption,
  type ConfigOptions,
  configFileOf,
  type FormatOptions,
} from '../config-options.ts';

const EXAMPLES = `
Examples:
  What would this run use, and why? (The output is a config again.)
    $ windtunnel config expand run.yaml --set cluster.workers=16

  The same for scripts, as { config, origins }:
    $ windtunnel config expand run.yaml --format json`;

/** `windtunnel config expand FILE`: prints the resolved config with the origin of each value. */
export function register(program: Command): void {
  const command = configCommand(program)
    .command('expand')
    .description('print every value that a run would use, and where it comes from')
    .argument('[file]', 'config file, YAML or JSON; as --config names one')
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, options: ConfigOptions & FormatOptions) => {
      const resolution = loadConfig(configFileOf(file, options), options.set);
      const text = options.format === 'json' ? expandJson(resolution) : expandYaml(resolution);
      stdout.write(text);
    });
  addFormatOption(addConfigOptions(command));
}

function originName({ origin }: OriginEntry): string {
  return origin === 'set' ? '--set' : origin;
}

/** `{ config, origins }`; origins has one entry for each path. */
export function expandJson(resolution: Resolution): string {
  const entries = entriesWithOrigins(resolution);
  const origins = Object.fromEntries(entries.map((entry) => [entry.path, originName(entry)]));
  const result = { config: writableConfig(resolution.config), origins };
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

/** The config as YAML, each value followed by its origin. */
export function expandYaml(resolution: Resolution): string {
  const document = new Document(writableConfig(resolution.config));
  const origins = new Map(
    entriesWithOrigins(resolution).map((entry) => [entry.path, originName(entry)]),
  );
  visit(document, {
    Pair(_, pair, ancestors) {
      const names = [...ancestors, pair].flatMap((node) =>
        isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [],
      );
      const origin = origins.get(names.join('.'));
      if (origin === undefined || isMap(pair.value)) return;
      if (isScalar(pair.value)) pair.value.comment = ` ${origin}`;
      else if (isScalar(pair.key)) pair.key.commentBefore = ` ${origin}`;
    },
  });
  const idle = ineffectiveKeys(resolution.config)
    .filter((key) => valueAtPath(resolution.config, key.path) !== undefined)
    .map((key) => `#   ${key.path}: ${key.why}\n`);
  const note = idle.length === 0 ? '' : `# Left out, without effect here:\n${idle.join('')}`;
  return `${assertDefined(document.toString({ lineWidth: 0 }), 'YAML has a text')}${note}`;
}
