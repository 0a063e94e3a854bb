import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { readEngineReport } from './engine-load.ts';
import { parseMetrics } from './prometheus-text.ts';
import { sglang } from './sglang.ts';
import { trtllm } from './trtllm.ts';
import { vllm } from './vllm.ts';

test.for([
  ['vllm-0.32.0-before.txt', 0],
  ['vllm-0.32.0-after.txt', 0],
  ['llm-d-inference-sim-0.10.2.txt', 0],
  // The head of the HTTP answer stands in this one.
  ['dynamo-1.6.1.txt', 4],
] as const)(
  'every line of %s is understood, but for %i that are none',
  ([file, strangers], context) => {
    const text = readFileSync(needReference(context, 'peers', 'metrics', file), 'utf8');
    const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    const { samples, broken } = parseMetrics(text);
    expect(broken).toBe(strangers);
    expect(samples).toHaveLength(lines.length - strangers);
  },
);

test('a recorded vLLM says what it has and what it does', (context) => {
  const text = readFileSync(
    needReference(context, 'peers', 'metrics', 'vllm-0.32.0-after.txt'),
    'utf8',
  );
  const { ranks, capacity } = readEngineReport(text, vllm.metrics!.names);
  expect(capacity).toEqual({ blockSize: 32, numGpuBlocks: expect.any(Number) });
  expect(ranks).toEqual([
    { rank: 0, runningRequests: 0, waitingRequests: 0, kvUsage: expect.any(Number) },
  ]);
});

test('the text format is read with all that it may have in it', () => {
  const text = [
    '# HELP a what\\n it is',
    'a 1',
    'a{} 2',
    'a{x="1",} 3',
    ' a{x="q\\"b\\\\n\\nend}",y="é"} 4 1700000000000',
    'a{x="1"} +Inf',
    'a -Inf',
    'a NaN',
    'a{x="1"}\t1e3 # {trace_id="t"} 0.5',
  ].join('\n');
  const { samples, broken } = parseMetrics(text);
  expect(broken).toBe(0);
  expect(samples.map(({ value }) => value)).toEqual([
    1,
    2,
    3,
    4,
    Infinity,
    -Infinity,
    Number.NaN,
    1000,
  ]);
  expect(samples[3]!.labels).toEqual({ x: 'q"b\\n\nend}', y: 'é' });
});

test('a line that is none is counted, and nothing else is lost', () => {
  const { samples, broken } = parseMetrics('a{x="1 2\n{} 3\na x\nb 4\n');
  expect([samples, broken]).toEqual([[{ name: 'b', labels: {}, value: 4 }], 3]);
});

test('ranks are told apart, requests that wait for several reasons are added up, nonsense is left out', () => {
  const text = [
    'vllm:num_requests_running{engine="1",model_name="m"} 3',
    'vllm:num_requests_running{engine="0",model_name="m"} 1',
    'vllm:num_requests_running{engine="0",model_name="lora"} 1',
    'vllm:num_requests_waiting{engine="0"} NaN',
    'vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 9',
    'vllm:kv_cache_usage_perc{engine="0"} 1.5',
    'vllm:cache_config_info{block_size="16",num_gpu_blocks="None",engine="0"} 1',
  ].join('\n');
  expect(readEngineReport(text, vllm.metrics!.names)).toEqual({
    ranks: [
      { rank: 0, runningRequests: 2, kvUsage: 1 },
      { rank: 1, runningRequests: 3 },
    ],
    capacity: { blockSize: 16 },
  });
});

test('SGLang and TensorRT-LLM say the same in their own words', () => {
  const lines = [
    'sglang:num_running_reqs 2',
    'sglang:num_queue_reqs 1',
    'sglang:token_usage 0.25',
    'sglang:cache_config_info{page_size="64",num_pages="100"} 1',
  ];
  expect(readEngineReport(lines.join('\n'), sglang.metrics!.names)).toEqual({
    ranks: [{ rank: 0, runningRequests: 2, waitingRequests: 1, kvUsage: 0.25 }],
    capacity: { blockSize: 64, numGpuBlocks: 100 },
  });
  const trt = [
    'trtllm_kv_cache_tokens_per_block 32',
    'trtllm_kv_cache_max_blocks 7',
    'trtllm_num_requests_waiting 4',
  ];
  expect(readEngineReport(trt.join('\n'), trtllm.metrics!.names)).toEqual({
    ranks: [{ rank: 0, waitingRequests: 4 }],
    capacity: { blockSize: 32, numGpuBlocks: 7 },
  });
});
