import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';

let mocks: RunningMocks;

beforeAll(async () => {
  const engine = { block_size: 32, num_gpu_blocks: 25, max_model_len: 640 };
  mocks = await startMockEngines({ engine });
});

afterAll(() => mocks.close());

async function scrape(): Promise<string> {
  return (await fetch(`${mocks.engines[0]!.url}/metrics`)).text();
}

/** Every sample of the engine without its value, and what kind each metric is. */
function samplesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^(?:# TYPE )?vllm:/.test(line))
    .map((line) => (line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' '))))
    .map((line) => line.replace(/^(vllm:cache_config_info)\{(.*)\}$/, namesOnly));
}

/** What a config says is the user's; that it says it is the engine's. */
function namesOnly(_line: string, metric: string, labels: string): string {
  return `${metric}{${labels.replaceAll(/="[^"]*"/g, '')}}`;
}

function readingOf(text: string, sample: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return Number(line!.slice(sample.length));
}

test('every metric of a real vLLM is there, with its kind, labels and buckets, and no other', async (context) => {
  const file = needReference(context, 'peers', 'metrics', 'vllm-0.32.0-before.txt');
  expect(samplesOf(await scrape()).sort()).toEqual(samplesOf(readFileSync(file, 'utf8')).sort());
});

test('they count what was served', async () => {
  const { url } = mocks.engines[0]!;
  for (let time = 0; time < 2; time++) {
    const prompt = Array.from({ length: 70 }, (_, index) => 300 + index);
    await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', prompt, max_tokens: 5 }),
    }).then((response) => response.text());
  }
  const text = await scrape();
  const own = '{engine="0",model_name="tiny"}';
  expect(readingOf(text, `vllm:prompt_tokens_total${own}`)).toBe(140);
  expect(readingOf(text, `vllm:prefix_cache_hits_total${own}`)).toBe(64);
  expect(readingOf(text, `vllm:generation_tokens_total${own}`)).toBe(10);
  expect(readingOf(text, `vllm:iteration_tokens_total_sum${own}`)).toBe(70 + 6 + 10);
  expect(readingOf(text, `vllm:time_to_first_token_seconds_count${own}`)).toBe(2);
  expect(readingOf(text, `vllm:inter_token_latency_seconds_count${own}`)).toBe(8);
  expect(readingOf(text, `vllm:num_requests_running${own}`)).toBe(0);
  expect(
    readingOf(
      text,
      'vllm:request_success_total{engine="0",finished_reason="length",model_name="tiny"}',
    ),
  ).toBe(2);
});
