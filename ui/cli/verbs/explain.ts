import { stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { type ConfigKey, configKeys } from '#core/config/keys.ts';
import { rowKeys } from '#core/config/row-keys.ts';
import { addFormatOption, type FormatOptions } from '../config-options.ts';
import { type BuiltIn, findBuiltIn } from '../glossary/built-in.ts';
import { findMetric, METRICS, nearestMetric } from '../glossary/lookup.ts';
import type { Metric } from '../glossary/metric.ts';
import { gpuTable, modelTable } from '../views/built-in.ts';

const EXAMPLES = `
Examples:
    $ windtunnel explain ttft
    $ windtunnel explain itl_ms --format json
    $ windtunnel explain router.router_temperature
    $ windtunnel explain cluster.pools.role
    $ windtunnel explain kv_transfer
    $ windtunnel explain wspt
    $ windtunnel explain models
    $ windtunnel explain gpus --format json
    $ windtunnel explain h100

Without a name all metrics are listed.`;

/** `windtunnel explain [NAME]`: what a number, a key of a config, a built-in model or GPU is. */
export function register(program: Command): void {
  const command = program
    .command('explain')
    .description('say what a metric, a key of the config, a built-in model or a GPU is')
    .argument(
      '[name]',
      'a metric or its JSON key; a config key, section or value; models, gpus or one of them',
    )
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, { format }: FormatOptions) => {
      const found = name === undefined ? METRICS : explain(name);
      const text = format === 'json' ? toJson(found) : toText(found);
      stdout.write(`${text}\n`);
    });
  addFormatOption(command);
}

type Explained = Metric | readonly Metric[] | readonly ConfigKey[] | BuiltIn;

function explain(name: string): Explained {
  // A section keeps its name where a metric is called so, too.
  const section = configKeys().filter((key) => key.path.startsWith(`${name}.`));
  if (section.length > 0) return [...section, ...rowsOf(name)];
  const metric = findMetric(name);
  if (metric !== undefined) return metric;
  const keys = configKeys().filter((key) => key.path === name || leafOf(key) === name);
  if (keys.length > 0) return [...keys, ...keys.flatMap(({ path }) => rowsOf(path))];
  const rows = rowsOf(name);
  if (rows.length > 0) return rows;
  const builtIn = findBuiltIn(name);
  if (builtIn !== undefined) return builtIn;
  const all = [...configKeys(), ...rowKeys()];
  const choices = all.filter(({ allowed }) => allowed.split(', ').includes(name));
  if (choices.length > 0) return choices;
  const paths = all.map((key) => plain(key.path));
  const nearest = nearestMetric(name) ?? nearestName(plain(name), paths);
  throw new InputError('usage', 'no such metric, config key, built-in model or GPU', {
    received: name,
    ...(nearest === undefined ? {} : { nearest }),
    remedy:
      '`windtunnel explain` lists the metrics, `windtunnel explain models` and `gpus` what is built in, `windtunnel replay --help-keys` the config keys',
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

/** A list without a wrapping, whatever it is of. */
function toJson(found: Explained): string {
  const data = 'kind' in found ? (found.kind === 'models' ? found.models : found.gpus) : found;
  return JSON.stringify(data, undefined, 2);
}

function toText(found: Explained): string {
  if ('kind' in found) {
    return found.kind === 'models' ? modelTable(found.models) : gpuTable(found.gpus);
  }
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
