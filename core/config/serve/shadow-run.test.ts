import { expect, test } from 'vitest';
import { parseConfigText } from '../source.ts';
import { resolveServe } from './resolve-serve.ts';
import { shadowRun } from './shadow-run.ts';

const ENGINES = `engines:
  - {name: a, url: "http://127.0.0.1:1", block_size: 16}
  - {name: b, url: "http://127.0.0.1:2"}
`;

function serveOf(text: string, engines = ENGINES) {
  const { value, place } = parseConfigText(`${engines}${text}`, 'serve.yaml');
  return resolveServe(value, place);
}

function refusal(text: string, engines?: string): string {
  try {
    serveOf(text, engines);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

test('without the section there is no shadow; with it, engines are as it says and as theirs are', () => {
  expect(serveOf('').shadow).toBeUndefined();
  const config = serveOf(
    'router: {mode: round_robin}\nshadow: {window: 32, engine: {max_num_seqs: 8, timing: {type: fixed, prefill_ms: 3, decode_ms: 2}}}\n',
  );
  const shadow = config.shadow!;
  expect(shadow).toMatchObject({ window: 32, drift_band: 0.25, queue_facts: 8192 });
  const run = shadowRun({ ...config, shadow }, { aggregated: { blockSize: 16, numGpuBlocks: 77 } });
  expect(run.engine).toMatchObject({ backend: 'vllm', block_size: 16, max_num_seqs: 8 });
  expect(run.engine).toMatchObject({ num_gpu_blocks: 77, timing: { type: 'fixed' } });
  expect([run.cluster.workers, run.router.mode]).toEqual([2, 'round_robin']);
});

test('a model on a GPU times the passes, and its memory has as many blocks as fit', () => {
  const config = serveOf(
    'shadow: {model: {name: Qwen/Qwen3-8B}, gpu: h100-sxm, engine: {timing: {type: model}}}\n',
  );
  const run = shadowRun({ ...config, shadow: config.shadow! }, {});
  expect(run.engine.timing.type).toBe('model');
  expect(run.engine.num_gpu_blocks).toBeGreaterThan(3_000);
});

test.each([
  ['shadow: {windw: 3}', /serve.yaml:4: shadow.windw: unknown key.*did you mean "window"/],
  ['shadow: {engine: {timing: {type: model}}}', /shadow\.(gpu|model|engine)/],
  [
    'shadow:\n  engine:\n    kv_cache_dtype: fp8\n',
    /serve.yaml:6: shadow.engine.kv_cache_dtype: has no effect/,
  ],
  [
    'shadow: {engine: {block_size: 16}}',
    /shadow.engine.block_size: impossible: the shadow has what the engines have; received 16; leave it out, or write it to engines: block_size/,
  ],
  [
    'shadow: {engine: {backend: sglang}}',
    /shadow.engine.backend: impossible: the engines are of one kind, vllm/,
  ],
  ['shadow: {drift_band: 3}', /shadow.drift_band/],
])('%s is refused', (text, problem) => {
  expect(refusal(text)).toMatch(problem);
});

test('prefill and decode engines have no shadow', () => {
  const engines = `engines:
  - {name: p, url: "http://127.0.0.1:1", role: prefill}
  - {name: d, url: "http://127.0.0.1:2", role: decode}
`;
  expect(refusal('shadow: {}', engines)).toBe(
    'serve.yaml:4: shadow: impossible: engines that compute prompts apart from answers have no shadow yet; received {}; leave it out',
  );
});
