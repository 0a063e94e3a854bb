import { expect, test } from 'vitest';
import { defaultConstants } from '#core/perf/calibration/constants.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { serverDefaults } from '../estimate/server-defaults.ts';
import { flyRecorded } from './fly-recorded.ts';

const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B');
const constants = defaultConstants({ perPassMs: 1, perRequestMs: 0, frontendMs: 5 });

function fly(kvBlocks: number, heads: readonly number[]) {
  const server = { ...serverDefaults('vllm', deployment.gpu), blockSize: 16, kvBlocks };
  const records = heads.map((id, index) => {
    const head = { id, tokens: 80_000 };
    return { sentMs: index * 60_000, isl: 80_016, osl: 2, ttftMs: 1, e2eMs: 2, head };
  });
  return flyRecorded(deployment, server, constants, { records, closedLoop: false });
}

test('prompts share the heads that they are said to share, however long, and no others', () => {
  expect([...fly(20_000, [0, 1, 0]).cachedTokens]).toEqual([0, 0, 80_000]);
});

test('a request that the flown server cannot serve is named', () => {
  expect(() => fly(5000, [0])).toThrow(
    'request 1: the server that is flown cannot serve this request; received "a prompt of 80016 tokens"; allowed: 80000 tokens of KV cache for prompt and answer',
  );
});
