import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readTraceFile } from './files.ts';
import { TOTAL_RATE_HEADER } from './formats/servegen/rate-windows.ts';
import { tarOf } from './formats/servegen/tar.fixture.ts';
import type { LoadedTrace } from './loaded-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = Array.from({ length: 300 }, (_, index) =>
  JSON.stringify({
    timestamp: index,
    output_length: 1,
    hash_ids: [index],
    session_id: `s${index % 9}`,
  }),
);
const TEXT = `${ROWS.join('\n')}\n`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function read(path: string, limit?: number): Promise<LoadedTrace> {
  const limited = limit === undefined ? {} : { limit };
  return readTraceFile(path, { format: 'auto', traceBlockSize: 512, ...limited });
}

test('reads plain and gzip alike, with the digest of the file as it lies', async () => {
  const zipped = gzipSync(TEXT);
  for (const content of [TEXT, zipped]) {
    const trace = await read(file('whole', content));
    expect(trace).toMatchObject({
      format: 'mooncake',
      requests: 300,
      sessions: 9,
      hasContent: true,
    });
    expect(trace.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  }
});

test('a limit stops at that request; the digest is still of the whole file', async () => {
  const trace = await read(file('limited', `${TEXT}not JSON\n`), 300);
  expect(trace.requests).toBe(300);
  expect((await read(join(folder, 'limited'), 10)).requests).toBe(10);
  expect((await read(join(folder, 'limited'), 10)).sha256).toBe(trace.sha256);
});

test('tells the formats apart by their first line', async () => {
  const csv = 'TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n';
  const trace = await read(file('azure', csv));
  expect(trace).toMatchObject({ format: 'azure', requests: 1, hasContent: false, sessions: 0 });
  await expect(read(file('other', 'time,tokens\n1,2\n'))).rejects.toThrow(
    'other:1: the format of the trace is not recognised; received "time,tokens"; allowed: JSON objects',
  );
});

test.each<[name: string, content: string | Uint8Array, problem: string]>([
  ['empty', '', 'the file is empty'],
  ['empty.gz', gzipSync(''), 'the file is empty'],
  ['blank', '\n\n', 'the trace holds no request'],
  ['header', 'TIMESTAMP,ContextTokens,GeneratedTokens\n', 'the trace holds no request'],
  ['cut.gz', gzipSync(TEXT).subarray(0, 400), 'the gzip file is cut off after line'],
  ['two-bytes.gz', Uint8Array.of(0x1f, 0x8b), 'the gzip file is cut off after line 0'],
  ['bad.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255), 'damaged after line 0'],
  ['binary', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1), 'the file is binary, not a trace'],
  ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 9), 'the file is a zstd file, not a trace'],
  [
    'rates.tar.gz',
    gzipSync(tarOf([['chunk-0-trace.csv', '0,1,1,,,']])),
    'a tar archive, not a trace; unpack it; of ServeGen',
  ],
  ['rates.csv', `${TOTAL_RATE_HEADER}\n0,1,1,1\n`, 'recorded rates, and no single request; fly a'],
  ['twice.gz', gzipSync(gzipSync(TEXT)), 'the file is a gzip file inside a gzip file'],
  ['json', `${TEXT}{"timestamp": 1`, ':301: the line is not JSON'],
])('%s is refused', async (name, content, problem) => {
  await expect(read(file(name, content))).rejects.toMatchObject({
    name: 'InputError',
    exitCode: 2,
    message: expect.stringContaining(problem),
  });
});

test('a missing file comes with the nearest name, a directory with advice', async () => {
  file('conversation.jsonl', TEXT);
  await expect(read(join(folder, 'conversaton.jsonl'))).rejects.toThrow(
    'there is no such file; did you mean "conversation.jsonl"?',
  );
  const empty = join(folder, 'no-traces');
  mkdirSync(empty);
  await expect(read(empty)).rejects.toThrow('no trace file is there; name a folder with .jsonl');
  await expect(read(join(folder, 'none-*.jsonl'))).rejects.toThrow('check the pattern');
  await expect(read('a\0b')).rejects.toMatchObject({
    name: 'InputError',
    code: 'trace_unreadable',
  });
});

function dynamoLine(name: string, receivedMs: number): string {
  const replay = { trace_block_size: 4, input_length: 6, input_sequence_hashes: [9, 8] };
  const request = {
    request_id: name,
    request_received_ms: receivedMs,
    output_tokens: 3,
    total_time_ms: 10,
    replay,
  };
  const head = { schema: 'dynamo.request.trace.v1', event_type: 'request_end' };
  return `${JSON.stringify({ ...head, event_time_unix_ms: receivedMs + 10, request })}\n`;
}

test('shards of a dynamo trace are one trace: a folder, or a pattern', async () => {
  const shards = join(folder, 'shards');
  mkdirSync(shards);
  file('shards/t.000001.jsonl.gz', gzipSync(dynamoLine('c', 1_020) + dynamoLine('a', 1_000)));
  file('shards/t.000002.jsonl', dynamoLine('b', 1_005));
  file('shards/notes.txt', 'no trace');
  const read4 = (path: string) => readTraceFile(path, { format: 'auto' });
  for (const path of [shards, join(shards, 't.*.jsonl*')]) {
    const trace = await read4(path);
    expect(trace.batches[0]!.requestId).toEqual(['a', 'b', 'c']);
    expect([...trace.batches[0]!.timestampMs.subarray(0, 3)]).toEqual([0, 5, 20]);
    expect(trace).toMatchObject({ format: 'dynamo', path });
  }
  file('shards/t.000003.jsonl', dynamoLine('d', 1_030) + dynamoLine('b', 1_040));
  await expect(read4(shards)).rejects.toThrow(
    't.000003.jsonl:2: request_id: the request is in line 1 already',
  );
});

test('other formats do not come in several files', async () => {
  mkdirSync(join(folder, 'two'));
  file('two/a.jsonl', TEXT);
  const second = file('two/b.jsonl', TEXT);
  await expect(read(join(folder, 'two', '*.jsonl'))).rejects.toThrow(
    `${second}: only a dynamo trace comes in several files`,
  );
});

test.each([
  ['a trace of one file', TEXT],
  ['a journal', '{"kind":"windtunnel.journal","version":1}\n'],
  ['what is no trace', 'Dear diary\n'],
])('a folder with %s is no folder of shards', async (name, text) => {
  const other = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(other);
  writeFileSync(join(other, 'a.jsonl'), text);
  await expect(readTraceFile(other, { format: 'auto' })).rejects.toThrow(
    `${other}: a folder is read as the shards of a dynamo trace; received "a.jsonl in it, which is none"`,
  );
});

test('what is no trace but looks like one is told by its name', async () => {
  const journal = file('run.journal.jsonl', '{"kind":"windtunnel.journal","version":1}\n');
  await expect(readTraceFile(journal, { format: 'auto' })).rejects.toThrow(
    `this is a journal, not a trace; windtunnel journal to-trace ${journal} makes a trace of it`,
  );
  const analysis = file('burstgpt.json', '{"week1_min": [{"t": 0, "tps": 30.1}]}\n');
  await expect(readTraceFile(analysis, { format: 'auto' })).rejects.toThrow(
    'this is an analysis of BurstGPT: rates, not requests',
  );
});
