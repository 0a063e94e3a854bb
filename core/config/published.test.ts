import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MODEL_KEYS } from './engine-model.ts';
import { editorSchemaText, type KeySchema } from './key-schema.ts';
import { configKeys } from './keys.ts';
import { resolveConfig } from './resolve.ts';
import { CONFIG_VERSION, configSchema } from './schema.ts';
import { parseConfigText } from './source.ts';
import { configTemplate } from './template.ts';

function read(...parts: readonly string[]): string {
  return readFileSync(join(import.meta.dirname, ...parts), 'utf8');
}

test('the published schema is current (windtunnel config init --schema > schema.gen.json)', () => {
  expect(read('schema.gen.json')).toBe(editorSchemaText());
});

test('an editor finds a description, limits and defaults at every key', () => {
  const check = (node: KeySchema, path: string): void => {
    expect(node.description, path).toMatch(/\.$/);
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      check(child, `${path}.${name}`);
    }
    for (const variant of node.oneOf ?? []) check(variant, path);
    if (node.properties !== undefined) expect(node).toHaveProperty('additionalProperties', false);
  };
  const schema: unknown = JSON.parse(editorSchemaText());
  check(schema as KeySchema, 'config');
  for (const key of configKeys()) {
    if (key.defaultValue !== undefined || key.required) continue;
    expect(key.whenAbsent, key.path).toBeDefined();
  }
});

test.each(Array.from({ length: CONFIG_VERSION + 1 }, (_, version) => version))(
  'the frozen file of version %i still means what it meant',
  (version) => {
    const { value, place } = parseConfigText(read('fixtures', `v${version}.yaml`), 'frozen');
    const resolved: unknown = JSON.parse(read('fixtures', `v${version}.resolved.json`));
    expect(resolveConfig(value, [], place)).toMatchObject(resolved as object);
  },
);

test('the template is a valid config of defaults that names every key', () => {
  const text = configTemplate('./schema.json');
  expect(text.startsWith('# yaml-language-server: $schema=./schema.json\n')).toBe(true);
  expect(resolveConfig(parseConfigText(text, 'template.yaml').value)).toEqual(
    configSchema.parse({}),
  );
  for (const { path } of configKeys()) {
    const name = path.slice(path.lastIndexOf('.') + 1);
    expect(text).toMatch(new RegExp(`^ *#?${name}:`, 'm'));
  }
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

/** Keys that mean nothing before another is set. */
const NEEDS_ANOTHER = [
  ...MODEL_KEYS,
  'router_queue_policy',
  'router_overlap_refresh_after_secs',
  'speculative_acceptance_rates',
  'capacity_scheduler_policy',
  'chunked_prefill_size',
  'max_prefill_tokens',
  'schedule_policy',
  'schedule_conservativeness',
  'clip_max_new_tokens',
  'prefill_decode_interval',
  'async_scheduling',
  'agent_hints_osl',
  'router_approximate_cache_policy',
  'router_ttl_secs',
  'timing_mode',
  'streaming',
  '#mode',
  '_per_node',
  'node_fabric',
  'nvlink',
  'pcie',
  'nic',
  'rack_',
  'zone_',
  'conditional_disagg_',
];

test('each commented line of the template can be used by taking its # away', () => {
  const text = configTemplate('./schema.json');
  const lines = text.split('\n');
  const usable = lines.filter((line) => /^ {0,2}#[a-z0-9_]+: /.test(line));
  expect(usable.length).toBeGreaterThan(15);
  for (const line of usable) {
    if (NEEDS_ANOTHER.some((name) => line.includes(name))) continue;
    const opened = text.replace(line, line.replace('#', ''));
    expect(resolveConfig(parseConfigText(opened, 'opened.yaml').value), line).toEqual(
      configSchema.parse({}),
    );
  }
});
