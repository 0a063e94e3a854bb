import { stdout } from 'node:process';
import { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import { GPUS } from '#core/perf/hardware/gpus.ts';
import { MODEL_NAMES } from '#core/perf/models/find-model.ts';
import { register } from './explain.ts';

async function explain(...args: readonly string[]): Promise<string> {
  const program = new Command('windtunnel').exitOverride();
  register(program);
  let text = '';
  const spy = vi.spyOn(stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await program.parseAsync(['explain', ...args], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return text;
}

test('a metric is explained with its formula, its JSON key and its double', async () => {
  const text = await explain('TPOT');
  expect(text).toContain('(last token − first token) ÷ (output tokens − 1)');
  expect(text).toContain('JSON key   summary.tpot_ms');
  expect(text).toContain('Not to be confused with: ITL');
});

test('a config key is explained too', async () => {
  expect(await explain('engine.block_size')).toContain('Default    64');
  expect(await explain('router_temperature')).toContain('--router-temperature');
});

test('scripts get the same as JSON', async () => {
  const found: unknown = JSON.parse(await explain('inter_token_latency', '--format', 'json'));
  expect(found).toMatchObject({ key: 'summary.itl_ms', unit: 'ms' });
});

test('without a name all metrics are listed', async () => {
  expect((await explain()).split('\n').length).toBeGreaterThan(20);
});

test('a misspelt name gets the nearest one', async () => {
  await expect(explain('goodputt')).rejects.toThrow(
    /received "goodputt"; did you mean "goodput"\?; `windtunnel explain` lists/,
  );
});

test('keys of lists are explained, with an index or without, and those that a pool has its own of', async () => {
  const role = await explain('cluster.pools.role');
  expect(role).toContain('cluster.pools[].role');
  expect(role).toContain('Allowed    aggregated, prefill, decode, encode');
  expect(await explain('cluster.pools[1].role')).toBe(role);
  expect(await explain('cluster.schedule.cost_ms')).toContain('Unit       ms');
  expect(await explain('cluster.pools.engine.block_size')).toContain('Default    64');
  const pools = await explain('cluster.pools');
  expect(pools).toContain('Such as    [{role: prefill, workers: 2}, {role: decode, workers: 4}]');
  expect(pools).toContain('cluster.pools[].encode.cache_items');
  await expect(explain('cluster.pools.rol')).rejects.toThrow('did you mean "cluster.pools.role"?');
});

test('a section is its keys where a metric has the same name, too', async () => {
  const section = await explain('kv_transfer');
  expect(section).toContain('kv_transfer.bandwidth_gb_s');
  expect(section).not.toContain('Formula');
  expect(await explain('transfer')).toContain('Formula');
});

test('a value leads to the keys that take it, a section to its keys', async () => {
  expect(await explain('wspt')).toContain('router.router_queue_policy');
  const section = await explain('slo');
  expect(section).toContain('slo.ttft_ms');
  expect(section).toContain('slo.e2e_ms');
});

test('what is built in is listed, and one of it by any of its names', async () => {
  const models = (await explain('models')).trimEnd().split('\n');
  expect(models.length).toBe(1 + MODEL_NAMES.length);
  expect(models.find((line) => line.startsWith('deepseek-ai/DeepSeek-V3 '))).toMatch(
    /671\.\d B +37\.\d B +61 +latent 512 +8 of 256 +fp8_block +163,840$/,
  );
  const gpus: unknown = JSON.parse(await explain('gpus', '--format', 'json'));
  expect(gpus).toEqual(GPUS);
  const [, h100, ...others] = (await explain('H100')).trimEnd().split('\n');
  expect(h100).toMatch(/^h100-sxm +80 +3,350 +989 +1,978/);
  expect(others).toEqual([]);
  expect(await explain('Qwen/Qwen3-32B')).toContain('64/8 heads');
});
