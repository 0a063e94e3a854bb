import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readForwardPassMetrics } from '#core/perf/calibration/step-evidence.ts';
import { needReference } from '../../../test/shared.ts';
import { readMetricRows } from './metric-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-metrics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what vLLM 0.32 sent is the same as messages, as msgpack and as JSON', (context) => {
  const recorded = needReference(context, 'peers', 'dynamo', 'vllm-0.32.0-fpm.jsonl');
  const messages = readFileSync(recorded, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { frames: string[]; decoded: object });
  const packed = join(folder, 'fpm.msgpack');
  writeFileSync(
    packed,
    Buffer.concat(messages.map(({ frames }) => Buffer.from(frames.at(-1)!, 'hex'))),
  );
  const plain = join(folder, 'fpm.jsonl');
  writeFileSync(plain, messages.map(({ decoded }) => JSON.stringify(decoded)).join('\n'));
  const [sent, msgpack, json] = [recorded, packed, plain].map((path) => {
    return readForwardPassMetrics(readMetricRows(path), path);
  });
  expect(json!.length).toBeGreaterThan(100);
  expect(msgpack).toEqual(json);
  expect(sent).toEqual(json);
});

test('msgpack that is cut is refused', () => {
  const path = join(folder, 'cut.msgpack');
  writeFileSync(path, Buffer.from('87a776657273696f6e', 'hex'));
  expect(() => readMetricRows(path)).toThrow('cut.msgpack: no msgpack');
});
