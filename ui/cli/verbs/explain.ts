import { stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { type ConfigKey, configKeys } from '#core/config/keys.ts';
import { rowKeys } from '#core/config/row-keys.ts';
import { addFormatOption, type FormatOptions } from '../config-options.ts';
import { findMetric, METRICS, nearestMetric } from '../glossary/lookup.ts';
import type { Metric } from '../glossary/metric.ts';

const EXAMPLES = `
Examples:
    $ windtunnel explain ttft
    $ windtunnel explain itl_ms --format json
    $ windtunnel explain router.router_temperature
    $ windtunnel explain cluster.pools.role
    $ windtunnel explain kv_transfer
    $ windtunnel explain wspt

Without a name all metrics are listed.`;

/** `windtunnel explain [METRIC]`: says what a number of the report, or a key of a config, means. */
export function register(program: Command): void {
  const command = program
    .command('explain')
    .description('say what a metric of the report, or a key, section or value of the config means')
    .argument('[metric]', 'its name, alias, JSON key, or a config key, section or value')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, { format }: FormatOptions) => {
      const found = name === undefined ? METRICS : explain(name);
      const text = format === 'json' ? JSON.stringify(found, undefined, 2) : toText(found);
      stdout.write(`${text}\n`);
    });
  addFormatOption(command);
}

type Explained = Metric | readonly Metric[] | readonly ConfigKey[];

function explain(name: string): Metric | readonly ConfigKey[] {
  // A section keeps its name where a metric is called so, too.
  const section = configKeys().filter((key) => key.path.startsWith(`${name}.`));
  if (section.length > 0) return [...section, ...rowsOf(name)];
  const metric = findMetric(name);
  if (metric !== undefined) return metric;
  const keys = configKeys().filter((key) => key.path === name || leafOf(key) === name);
  if (keys.length > 0) return [...keys, ...keys.flatMap(({ path }) => rowsOf(path))];
  const rows = rowsOf(name);
  if (rows.length > 0) return rows;
  const all = [...configKeys(), ...rowKeys()];
  const choices = all.filter(({ allowed }) => allowed.split(', ').includes(name));
  if (choices.length > 0) return choices;
  const paths = all.map((key) => plain(key.path));
  const nearest = nearestMetric(name) ?? nearestName(plain(name), paths);
  throw new InputError('usage', 'no such metric or config key', {
    received: name,
    ...(nearest === undefined ? {} : { nearest }),
    remedy:
      '`windtunnel explain` lists the metrics, `windtunnel replay --help-keys` the config keys',
  });
}

/** Keys of lists, which a user may name with an index or without: `cluster.pools[0].role`. */
function rowsOf(name: string): readonly ConfigKey[] {
  const wanted = plain(name);
  const found = rowKeys().filter(({ path }) => {
    return plain(path) === wanted || plain(path).startsWith(`${wanted}.`);
  });
  if (found.length > 0) return found;
  // A pool has keys of the sections engine and router of its own.
  const parent = rowKeys().find(({ path }) => wanted.startsWith(`${plain(path)}.`));
  if (parent === undefined) return [];
  const path = `${leafOf(parent)}${wanted.slice(plain(parent.path).length)}`;
  return configKeys().filter((key) => key.path === path);
}

function plain(path: string): string {
  return path.replaceAll(/\[\d*\]/g, '');
}

function leafOf({ path }: ConfigKey): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function shortKey({ key }: Metric): string {
  return key.replace(/^summary\./, '');
}

function toText(found: Explained): string {
  if ('key' in found) return metricText(found);
  return found.map((item) => ('key' in item ? listLine(item) : keyText(item))).join('\n');
}

function listLine(metric: Metric): string {
  return `${shortKey(metric).padEnd(46)}${metric.name}`;
}

function metricText(metric: Metric): string {
  const lines = [
    `${metric.name} (${metric.unit})`,
    '',
    metric.definition,
    '',
    `Formula    ${metric.formula}`,
    `JSON key   ${metric.key}`,
  ];
  if (metric.aliases.length > 0) lines.push(`Also       ${metric.aliases.join(', ')}`);
  if (metric.confusedWith !== undefined)
    lines.push('', `Not to be confused with: ${metric.confusedWith}`);
  return lines.join('\n');
}

function keyText(key: ConfigKey): string {
  const title = key.variant === undefined ? key.path : `${key.path} (type: ${key.variant})`;
  const lines = [title, '', key.description, '', `Allowed    ${key.allowed}`];
  if (key.unit !== undefined) lines.push(`Unit       ${key.unit}`);
  if (key.defaultValue !== undefined) lines.push(`Default    ${String(key.defaultValue)}`);
  if (key.whenAbsent !== undefined) lines.push(`Absent     ${key.whenAbsent}`);
  if (key.source !== undefined) lines.push(`Known as   ${key.source}`);
  if (key.example !== undefined) lines.push(`Such as    ${key.example}`);
  return `${lines.join('\n')}\n`;
}
