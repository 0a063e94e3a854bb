import { type ConfigKey, configKeys, sectionDescription } from './keys.ts';
import { CONFIG_VERSION } from './schema.ts';

const WIDTH = 96;

/** The order in which a person reads a config. */
const SECTIONS = [
  'model',
  'cluster',
  'engine',
  'router',
  'kv_transfer',
  'network',
  'workload',
  'slo',
  'simulation',
] as const;

/** What nearly everyone sets; all other keys stand in the template as comments. */
const LIVE = [
  'cluster.workers',
  'engine.block_size',
  'engine.num_gpu_blocks',
  'engine.max_num_seqs',
  'engine.max_num_batched_tokens',
  'engine.timing.type',
  'router.mode',
] as const;

/**
 * A config file to start from: every key with its meaning, unit, range and default. Keys that few
 * people set are commented out, because a written key that has no effect is refused.
 * `schemaPath` is where the editor finds the JSON Schema.
 */
export function configTemplate(schemaPath: string): string {
  const lines = [
    `# yaml-language-server: $schema=${schemaPath}`,
    '# A config of Windtunnel. What is commented out has the value shown; take the # away to change',
    '# it. The command line may override any key: --set cluster.workers=16',
    '',
    `version: ${CONFIG_VERSION}`,
    ...keyLines(find('seed'), '', false),
    ...SECTIONS.flatMap(sectionLines),
    '',
    ...keyLines(find('compat'), '', true),
  ];
  return `${lines.join('\n')}\n`;
}

function find(path: string): ConfigKey {
  return configKeys().find((key) => key.path === path)!;
}

function isLive(key: ConfigKey): boolean {
  return LIVE.some((path) => path === key.path) && (key.variant ?? 'polynomial') === 'polynomial';
}

function sectionLines(name: string): readonly string[] {
  const keys = configKeys().filter((key) => key.path.startsWith(`${name}.`));
  const unvaried = keys.filter((key) => key.variant === undefined);
  const plain = unvaried.filter((key) => parentOf(key) === name);
  const live = LIVE.flatMap((path) => plain.find((key) => key.path === path) ?? []);
  const rest = plain.filter((key) => !isLive(key));
  return [
    '',
    ...comment(sectionDescription(name), ''),
    `${name}:`,
    ...live.flatMap((key) => keyLines(key, '  ', false)),
    ...rest.flatMap((key) => keyLines(key, '  ', true)),
    ...nestedLines(name, unvaried),
    ...(name === 'engine' ? timingLines(keys) : []),
    ...(name === 'workload' ? rateShapeLines(keys) : []),
  ];
}

function parentOf({ path }: ConfigKey): string {
  return path.slice(0, path.lastIndexOf('.'));
}

/** Mappings inside a section, commented out: they are absent unless somebody writes them. */
function nestedLines(section: string, keys: readonly ConfigKey[]): readonly string[] {
  const parents = [...new Set(keys.map(parentOf))].filter((parent) => parent !== section);
  return parents.flatMap((parent) => [
    ...comment(sectionDescription(parent), '  '),
    `  #${parent.slice(section.length + 1)}:`,
    ...keys.filter((key) => parentOf(key) === parent).flatMap((key) => keyLines(key, '    ', true)),
  ]);
}

/** The default model live, the others below it, each after its type. */
function timingLines(keys: readonly ConfigKey[]): readonly string[] {
  return [
    ...comment('How long a forward pass takes. The type decides which keys exist.', '  '),
    '  timing:',
    '    type: polynomial',
    ...variantLines(keys),
  ];
}

/** All shapes commented out: without one the rate does not change. */
function rateShapeLines(keys: readonly ConfigKey[]): readonly string[] {
  const text = 'How the rate of arrivals changes over the run. The type decides which keys exist.';
  return [...comment(text, '  '), '  #rate_shape:', ...variantLines(keys)];
}

function variantLines(keys: readonly ConfigKey[]): readonly string[] {
  const variants = keys.filter((key) => key.variant !== undefined && !isLive(key));
  const types = variants.filter((key) => key.path.endsWith('.type'));
  return types.flatMap((type) => [
    `    #type: ${type.variant}`,
    ...variants
      .filter((key) => key.variant === type.variant && key !== type)
      .flatMap((key) => keyLines(key, '    ', true)),
  ]);
}

function keyLines(key: ConfigKey, indent: string, commentedOut: boolean): readonly string[] {
  const name = key.path.slice(key.path.lastIndexOf('.') + 1);
  const value = key.defaultValue === undefined ? '' : ` ${valueText(key.defaultValue)}`;
  return [
    ...comment(`${key.description} ${rangeText(key)}`, indent),
    `${indent}${commentedOut ? '#' : ''}${name}:${value}`,
  ];
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** "Unit: tokens. Allowed: …. Absent: …. In vLLM: …" */
function rangeText(key: ConfigKey): string {
  const parts = [`Allowed: ${key.allowed}.`];
  if (key.unit !== undefined) parts.unshift(`Unit: ${key.unit}.`);
  if (key.whenAbsent !== undefined) parts.push(`Absent: ${key.whenAbsent}.`);
  if (key.source !== undefined) parts.push(`Known as: ${key.source}.`);
  if (key.example !== undefined) parts.push(`Such as: ${key.example}.`);
  return parts.join(' ');
}

function comment(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length + 3 > WIDTH) {
      lines.push(`${indent}# ${line}`);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, `${indent}# ${line}`];
}
