import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { parseSetOption } from '#core/config/set-option.ts';
import { calibrationOf } from '#core/perf/calibration/calibration.fixture.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { readConfig } from '../config-file.ts';
import { isRecording, readRecordingAsTrace } from './recording-as-trace.ts';
import { withCalibratedDeployment } from './recording-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-recording-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = {
  engine: 'mine',
  settings: { maxNumBatchedTokens: 128, maxNumSeqs: 8, kvBlocks: 2048, prefixCaching: false },
  load: { prefix_tokens: 64 },
};
const row = { isl: 100, osl: 4, status: 200, ttft: 50, e2e: 110 };
const ROWS = [
  { ...row, sent: 20, prefix: 3 },
  { ...row, sent: 5, prefix: 3 },
  { ...row, sent: 30, status: 500 },
];

const recording = join(folder, 'day.requests.jsonl');
writeFileSync(recording, [HEADER, ...ROWS].map((each) => JSON.stringify(each)).join('\n'));

const calibration = join(folder, 'mine.json');
const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B', { tensorParallel: 2 });
writeFileSync(calibration, JSON.stringify(calibrationOf(deployment)));

test('a recording is a trace of what was answered, in order of sending, with what prompts share', async () => {
  expect(isRecording(recording)).toBe(true);
  const { requests, batches, traceBlockSize } = await readRecordingAsTrace(recording, {
    format: 'auto',
    traceBlockSize: undefined,
    requireTimestamps: true,
  });
  const batch = batches[0]!;
  expect([requests, traceBlockSize]).toEqual([2, 32]);
  expect([...batch.timestampMs.subarray(0, 2)]).toEqual([5, 20]);
  const ids = [0, 1].map((at) => [
    ...batch.hashIds.subarray(batch.hashStart[at], batch.hashStart[at + 1]),
  ]);
  // 64 tokens of the head are two blocks, the other two belong to a prompt alone.
  expect(ids[0]!.slice(0, 2)).toEqual(ids[1]!.slice(0, 2));
  expect(new Set([...ids[0]!, ...ids[1]!]).size).toBe(6);
});

test('its server is the config of a run: the null block of vLLM holds nothing', () => {
  const { value, place } = readConfig(recording);
  expect(place).toEqual({ file: recording });
  expect(resolveConfig(value).engine).toMatchObject({
    max_num_seqs: 8,
    max_num_batched_tokens: 128,
    num_gpu_blocks: 2047,
    enable_prefix_caching: false,
  });
});

test('model, GPU and layout are those of the calibration, unless the user names others', () => {
  const source = readConfig(recording);
  const { value } = withCalibratedDeployment(source, [], calibration);
  const config = resolveConfig(value);
  expect(config.model).toEqual({ name: 'Qwen/Qwen3-8B' });
  expect(config.cluster.gpu).toBe('h100-sxm');
  expect(config.engine).toMatchObject({ timing: { type: 'model' }, tensor_parallel_size: 2 });
  const other = [parseSetOption('model.name=Qwen/Qwen3-14B')];
  expect(withCalibratedDeployment(source, other, calibration)).toBe(source);
  expect(withCalibratedDeployment(source, [], undefined)).toBe(source);
});

test('what only looks like a recording is none', () => {
  const other = join(folder, 'trace.jsonl');
  writeFileSync(other, '{"settings": 1, "load": 2}\n');
  expect([isRecording(other), isRecording(join(folder, 'missing.jsonl'))]).toEqual([false, false]);
});
