import { stdout } from 'node:process';
import type { Command } from 'commander';
import { type ConfigChange, configChanges } from '#core/config/flatten.ts';
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
    $ windtunnel config diff before.yaml after.yaml
    $ windtunnel config diff before.yaml after.yaml --format json

Defaults are filled in first, so a key that is written in one file and left at the same default in
the other is no difference. The exit code is 0 either way.`;

/** `windtunnel config diff A B`: prints the keys in which two configs differ. */
export function register(program: Command): void {
  const command = configCommand(program)
    .command('diff')
    .description('print the keys in which two configs differ')
    .argument('<before>', 'config file, YAML or JSON')
    .argument('<after>', 'config file, YAML or JSON')
    .addHelpText('after', EXAMPLES)
    .action((before: string, after: string, options: SetOptions & FormatOptions) => {
      const changes = configChanges(
        loadConfig(before, options.set).config,
        loadConfig(after, options.set).config,
      );
      if (options.format === 'json') stdout.write(`${JSON.stringify(changes, undefined, 2)}\n`);
      else stdout.write(diffText(changes, before, after));
    });
  addFormatOption(addSetOption(command));
}

/** A table of three columns: key, value before, value after; `-` where a config lacks the key. */
export function diffText(changes: readonly ConfigChange[], before: string, after: string): string {
  if (changes.length === 0) return `${before} and ${after} ask for the same run\n`;
  const rows = [
    ['key', before, after],
    ...changes.map((change) => [change.path, valueText(change.before), valueText(change.after)]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([key = '', a = '', b = '']) =>
    `${key.padEnd(widths[0]!)}  ${a.padEnd(widths[1]!)}  ${b}`.trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function valueText(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
