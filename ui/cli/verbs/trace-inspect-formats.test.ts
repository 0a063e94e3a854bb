import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { Command } from 'commander';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { TRACE_FORMATS, type TraceFormat } from '#core/config/trace-formats.ts';
import { register } from './trace-inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const turn = (t: number, more: object = {}) => ({ t, in: 130, out: 3, hash_ids: [1, 2], ...more });
const aiperf = (startMs: number, turnIndex: number) => ({
  metadata: {
    request_start_ns: 1_759_813_207_000_000_000 + startMs * 1e6,
    request_end_ns: 1_759_813_207_000_000_000 + (startMs + 300) * 1e6,
    x_correlation_id: 'a',
    turn_index: turnIndex,
  },
  metrics: { input_sequence_length: { value: 50 }, output_sequence_length: { value: 20 } },
  error: null,
});
const dynamo = (name: string, receivedMs: number, hashes: readonly number[]) => ({
  schema: 'dynamo.request.trace.v1',
  event_type: 'request_end',
  event_time_unix_ms: receivedMs + 40,
  agent_context: { session_id: 'a' },
  request: {
    request_id: name,
    request_received_ms: receivedMs,
    total_time_ms: 30,
    output_tokens: 3,
    replay: { trace_block_size: 4, input_length: 7, input_sequence_hashes: hashes },
  },
});
const row = (timestamp: number, ids: readonly number[], more: object = {}) => ({
  timestamp,
  input_length: 512 * ids.length - 30,
  output_length: 40,
  hash_ids: ids,
  ...more,
});
const node = (request_id: string, more: object = {}) => ({
  request_id,
  play_id: 'p',
  session_id: 'main',
  model: 'm',
  not_before_ms: 0,
  input_length: 7,
  output_length: 2,
  hash_ids: [1, 2],
  ...more,
});

/** A small file of each format. */
const FILES: Readonly<Record<TraceFormat, readonly unknown[]>> = {
  mooncake: [
    row(0, [1, 2], { session_id: 'a' }),
    row(700, [1, 2, 3], { session_id: 'a', delay: 90 }),
  ],
  azure: [
    'TIMESTAMP,ContextTokens,GeneratedTokens',
    '2023-11-16 18:15:46.68,374,44',
    '2023-11-16 18:15:50.99,396,109',
  ],
  weka: [
    {
      id: 's',
      block_size: 64,
      hash_id_scope: 'local',
      requests: [turn(1), turn(6, { think_time: 4 })],
    },
  ],
  lmcache: [
    { timestamp: 1.5, session_id: 'a', input_chars: 600, output_chars: 9, hash_ids: [5, 9] },
    { timestamp: 4, session_id: 'a', input_chars: 700, output_chars: 30, hash_ids: [5, 9] },
  ],
  burstgpt: [
    'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type',
    '5,a,40,10,50,b',
    '9,a,4,1,5,b',
  ],
  aiperf: [aiperf(0, 0), aiperf(900, 1)],
  vllm_bench: [
    { input_lens: [100, 200], output_lens: [3, 2], start_times: [10.5, 10], errors: ['', ''] },
  ],
  mooncake_delta: [
    row(0, [1, 2], { session_id: 'a' }),
    { ...row(700, [3]), session_id: 'a', delay: 5 },
  ],
  applied_compute_agentic: [
    {
      num_turns: 1,
      input_prompt_length: 1_200,
      assistant_response_length: [4],
      tool_call_output_length: [800],
      tool_call_latency: [0.5],
      final_assistant_response_length: 3,
    },
  ],
  dynamo: [dynamo('a', 1_000, [9, 8]), dynamo('b', 1_100, [9, 7])],
  agentic_mooncake: [
    { schema: 'dynamo.agentic_mooncake', version: 2, block_size: 4, hash_id_scope: 'local' },
    node('a'),
    node('b', {
      session_id: 'sub',
      dependencies: [{ request_id: 'a', trigger: 'dispatch', delay_ms: 5, relation: 'spawn' }],
    }),
  ],
  windtunnel: [
    {
      schema: 'windtunnel.trace',
      version: 1,
      block_size: 8,
      has_content: true,
      resends_output: false,
    },
    { timestamp: 0, input_length: 9, output_length: 2, hash_ids: [1, 2] },
    { timestamp: 40, input_length: 8, output_length: 2, hash_ids: [1] },
  ],
};

test.each(TRACE_FORMATS)(
  'what inspect says of a %s trace is as it was approved',
  async (format) => {
    const name = `${format}.txt`;
    const lines = FILES[format].map((line) =>
      typeof line === 'string' ? line : JSON.stringify(line),
    );
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    let said = '';
    for (const stream of [stdout, stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += text;
        return true;
      });
    }
    const trace = new Command('trace').exitOverride();
    register(trace);
    const args = ['inspect', join(folder, name), '--trace-format', format];
    await trace.parseAsync(args, { from: 'user' });
    const text = said.replaceAll(`${folder}/`, '').replace(/sha256 \w+/, 'sha256 …');
    await expect(text).toMatchFileSnapshot(`../../../test/golden/trace/inspect-${format}.txt`);
  },
);
