import { expect, test } from 'vitest';
import type { TraceFormat } from '#core/config/trace-formats.ts';
import { TraceCollector } from '../collector.ts';
import type { LoadedTrace } from '../loaded-trace.ts';
import { rewriteTrace } from '../transform/rewrite.ts';
import { WindtunnelWriter } from '../transform/windtunnel-writer.ts';

const HEADER = {
  schema: 'windtunnel.trace',
  version: 1,
  block_size: 4,
  has_content: true,
  resends_output: false,
};
const ROW = { timestamp: 0, input_length: 6, output_length: 2, hash_ids: [1, 2] };

function read(lines: readonly unknown[], format: TraceFormat | 'auto' = 'auto'): LoadedTrace {
  const collector = new TraceCollector('t', { format, traceBlockSize: 4 });
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  collector.push(new TextEncoder().encode(text.join('')));
  return collector.finish('');
}

async function written(trace: LoadedTrace): Promise<readonly string[]> {
  const source = {
    ...trace,
    async *batches() {
      yield* trace.batches;
    },
  };
  const counts = { read: 0, written: 0, blockSize: 512 };
  const lines: string[] = [];
  const writer = new WindtunnelWriter('kept');
  for await (const line of rewriteTrace(source, { take: () => true }, writer, counts)) {
    lines.push(line.trimEnd());
  }
  return lines;
}

/** All that a trace says, but for the lines that its rows came from. */
function facts({ batches, hasContent, resendsOutput, traceBlockSize, sessions }: LoadedTrace) {
  const [batch] = batches;
  const { line: _, hashIds, predecessors, ...columns } = batch!;
  const rows = batch!.count;
  const cut = Object.entries(columns).map(([name, column]) => [
    name,
    typeof column === 'number'
      ? column
      : [...(column as ArrayLike<unknown> & Iterable<unknown>)].slice(0, rows),
  ]);
  return {
    hasContent,
    resendsOutput,
    traceBlockSize,
    sessions,
    cut,
    ids: [...hashIds.subarray(0, batch!.hashStart[rows])],
    rule: [...predecessors.rule.subarray(0, rows)],
    waits: predecessors.requestId.map((name, at) => [
      name,
      predecessors.trigger[at],
      predecessors.delayMs[at],
    ]),
  };
}

const on = (request_id: string, trigger: string) => ({ request_id, trigger, delay_ms: 2.5 });
const node = (request_id: string, more: object) => ({
  request_id,
  play_id: 'p',
  session_id: 's',
  model: 'm',
  not_before_ms: 3,
  input_length: 6,
  output_length: 2,
  hash_ids: [1, 2],
  ...more,
});

test.each<readonly [string, TraceFormat, readonly unknown[]]>([
  [
    'everything that a Mooncake row may say',
    'mooncake',
    [
      { ...ROW, session_id: 'a', request_id: 'r', tenant: 'x', policy_class: 'c', priority: -3 },
      { ...ROW, timestamp: 1.25, strict_priority: 7, lora_name: 'l', required_taints: ['gpu'] },
      { ...ROW, timestamp: undefined, session_id: 'a', delay: 0.5 },
    ],
  ],
  [
    'requests that wait for others',
    'agentic_mooncake',
    [
      { schema: 'dynamo.agentic_mooncake', version: 2, block_size: 4 },
      node('a', {}),
      node('b', { dependencies: [on('a', 'dispatch')], session_id: 't' }),
      node('c', { dependencies: [on('a', 'completion'), on('b', 'completion')] }),
    ],
  ],
  [
    'prompts that hold earlier output',
    'mooncake_delta',
    [
      { ...ROW, session_id: 'a' },
      { session_id: 'a', delay: 1, input_length: 3, output_length: 1, hash_ids: [8] },
    ],
  ],
  ['no content', 'azure', ['TIMESTAMP,ContextTokens,GeneratedTokens', '2023-11-16 18:15:46.5,3,4']],
])('our own format leaves nothing out: %s', async (_, format, lines) => {
  const trace = read(lines, format);
  const text = await written(trace);
  const again = read(text);
  expect(again.format).toBe('windtunnel');
  expect(facts(again)).toEqual(facts(trace));
  expect(await written(again)).toEqual(text);
});

test.each([
  [
    [{ ...HEADER, version: 2 }],
    't:1: version: the version of the trace cannot be read; received 2; allowed: 1',
  ],
  [[{ ...HEADER, block_size: 8 }], 't:1: block_size: the trace states blocks of 8 tokens'],
  [[{ ...HEADER, has_content: 1 }], 't:1: has_content: not a yes or no; received 1'],
  [[HEADER, { ...ROW, hash_id: 1 }], 't:2: unknown key "hash_id"'],
  [[HEADER, { ...ROW, hash_ids: [1] }], 't:2: hash_ids: hash_ids has 1, expected 2'],
  [[{ ...HEADER, has_content: false }, ROW], 't:2: hash_ids: hash_ids has 2, expected 0'],
  [[HEADER, { ...ROW, input_length: 0 }], 't:2: input_length: not a usable number; received 0'],
  [[HEADER, { ...ROW, after: 3 }], 't:2: after: not an array; received 3'],
  [[HEADER, { ...ROW, after: [{ request_id: 'x' }] }], 't:2: after[0]: not a request to wait for'],
  [
    [HEADER, { ...ROW, after: [{ request_id: 'x', on: 'end', delay: 0 }] }],
    't:2: request_id: the request waits for one not in an earlier row; received "x"',
  ],
  [
    [HEADER, { ...ROW, request_id: 'x' }, { ...ROW, request_id: 'x' }],
    't:3: request_id: the request is in the trace already',
  ],
  [[HEADER, ROW, { ...ROW, timestamp: -1 }], 't:3: timestamp: not a usable number; received -1'],
  [[HEADER], 'the trace holds no request'],
])('refuses %j', (lines, message) => {
  expect(() => read(lines)).toThrow(message);
});

test('a file without a header is refused when the format is named', () => {
  expect(() => read([ROW], 'windtunnel')).toThrow(
    't:1: schema: not the header of a windtunnel trace',
  );
});
