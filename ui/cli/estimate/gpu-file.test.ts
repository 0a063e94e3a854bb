import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGpuFile } from './gpu-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-gpu-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WHOLE = 'name: mine\nmemory_gib: 48\nmemory_gb_s: 900\nbf16_tflops: 200\nprocessors: 100\n';

function read(text: string) {
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, text);
  return readGpuFile(file);
}

test('a GPU of the user is read from its file, in units of its data sheet', () => {
  const gpu = read(WHOLE);
  expect(gpu).toMatchObject({ name: 'mine', memoryBytes: 48 * 2 ** 30, memoryBytesPerS: 9e11 });
  expect(gpu.flopsPerS).toEqual({ bf16: 2e14 });
});

test.each([
  [WHOLE.replace('processors: 100\n', ''), 'mine.yaml: cluster.gpu.processors: missing'],
  [WHOLE.replace('bf16_tflops', 'bf16_tflop'), 'did you mean "bf16_tflops"?'],
  [WHOLE.replace('memory_gib: 48', 'memory_gib: none'), 'cluster.gpu.memory_gib'],
])('%j is refused: %s', (text, message) => {
  expect(() => read(text)).toThrow(message);
});
