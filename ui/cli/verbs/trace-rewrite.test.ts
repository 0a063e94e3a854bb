import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { register as registerConvert } from './trace-convert.ts';
import { register as registerCut } from './trace-cut.ts';
import { register as registerMerge } from './trace-merge.ts';
import { register as registerSample } from './trace-sample.ts';
import { register as registerScale } from './trace-scale.ts';

const GOLDEN = '../../../test/golden/trace';
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-rewrite-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const CHAT = [
  { timestamp: 0, session_id: 'a', input_length: 700, output_length: 9, hash_ids: [1, 2] },
  { timestamp: 400, session_id: 'b', input_length: 512, output_length: 5, hash_ids: [1] },
  {
    timestamp: 900,
    session_id: 'a',
    delay: 250,
    input_length: 1_100,
    output_length: 3,
    hash_ids: [1, 2, 3],
  },
  {
    timestamp: 2_000,
    session_id: 'c',
    priority: 2,
    input_length: 30,
    output_length: 1,
    hash_ids: [4],
  },
];
const BURST = `Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
1,ChatGPT,600,18,618,Conversation log
2,GPT-4,87,0,87,API log
`;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const chat = file('chat.jsonl', CHAT.map((row) => `${JSON.stringify(row)}\n`).join(''));
const burst = file('burst.csv', BURST);
const calls = file(
  'calls.jsonl',
  '{"timestamp":1.5,"session_id":"a","input_chars":600,"output_chars":9,"hash_ids":[5,9]}\n',
);

function traceCommand(): Command {
  const trace = new Command('trace')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  for (const register of [
    registerConvert,
    registerMerge,
    registerCut,
    registerScale,
    registerSample,
  ]) {
    register(trace);
  }
  return trace;
}

/** Runs a verb; what it wrote to its file and said, with the folder's name left out. */
async function run(output: string, ...args: readonly string[]): Promise<string> {
  let said = '';
  vi.spyOn(stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  await traceCommand().parseAsync(args, { from: 'user' });
  const bytes = readFileSync(output);
  const text = output.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return `${text}---\n${said}`.replaceAll(`${folder}/`, '');
}

test.each([
  ['convert', ['convert', burst]],
  ['convert-characters', ['convert', calls, '--chars-per-token', '2']],
  ['merge', ['merge', chat, burst, '-o']],
  ['merge-shared', ['merge', chat, chat, '--share-ids', '-o']],
  ['cut', ['cut', chat, '--from', '0.3', '--to', '2', '-o']],
  ['cut-requests', ['cut', chat, '--requests', '1', '-o']],
  ['scale', ['scale', chat, '--rate', '4', '--lengths', '0.5', '-o']],
  ['sample', ['sample', chat, '--fraction', '0.7', '--seed', '3', '-o']],
])('the output of %s is as it was approved', async (name, args) => {
  const output = join(folder, `${name}.jsonl.gz`);
  const text = await run(output, ...args, output);
  await expect(text).toMatchFileSnapshot(`${GOLDEN}/${name}.txt`);
  await expect(run(output, ...args, output)).rejects.toMatchObject({ code: 'output_unwritable' });
  expect(await run(output, ...args, output, '--force')).toBe(text);
});

test.each([
  [['cut', chat], 'nothing says what to cut; give --from, --to or --requests'],
  [['cut', chat, '--from', '5', '--to', '5'], '--to: the span is empty; received 5'],
  [['cut', chat, '--from', '-1'], 'allowed: seconds from 0'],
  [['scale', chat], 'nothing says what to scale; give --rate or --lengths other than 1'],
  [
    ['scale', chat, '--lengths', '1.1', '-o', join(folder, 'x')],
    'a block of 512 tokens would become',
  ],
  [['sample', chat, '--fraction', '1.5'], 'allowed: a number above 0 and up to 1'],
  [['sample', chat], "required option '--fraction <share>' not specified"],
  [['convert', chat, 'o', '--chars-per-token', '3'], 'no whole number of tokens; received 3'],
  [
    ['convert', chat, 'o', '--chars-per-token', '4', '--trace-block-size', '128'],
    'a block of 256 characters would have 64 tokens; give one of them',
  ],
  [
    ['convert', chat, 'o', '--chars-per-token', '4', '--trace-format', 'mooncake'],
    'only lmcache traces count characters; leave it out',
  ],
  [['convert', chat, 'x.parquet'], 'the name promises another format than is written'],
  [['cut', chat, '--requests', '1', '-o', 'x.csv.gz'], 'received ".csv.gz"'],
  [['merge', chat], 'one trace cannot be merged; name two or more'],
  [['convert', join(folder, 'chta.jsonl'), join(folder, 'y')], 'did you mean "chat.jsonl"?'],
])('refuses %j', async (args, message) => {
  await expect(traceCommand().parseAsync(args, { from: 'user' })).rejects.toThrow(message);
});

test.each([
  ['convert', [chat, '-']],
  ['cut', [chat, '--requests', '9', '-o', '-']],
])('- is standard output for %s', async (verb, args) => {
  let written = '';
  vi.spyOn(stderr, 'write').mockReturnValue(true);
  vi.spyOn(stdout, 'write').mockImplementation((text, ...rest) => {
    written += text;
    for (const done of rest) if (typeof done === 'function') done();
    return true;
  });
  await traceCommand().parseAsync([verb, ...args], { from: 'user' });
  expect(written.trimEnd().split('\n')).toHaveLength(CHAT.length);
  expect(existsSync('-')).toBe(false);
});
