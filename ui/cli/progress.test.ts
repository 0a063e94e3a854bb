import { expect, test } from 'vitest';
import { openProgress, ProgressMeter } from './progress.ts';

function state(finished: number) {
  return { simulatedNs: 60e9, arrived: 90, finished, total: 100, queued: 3, kvUsed: 0.25 };
}

function stream(isTTY: boolean) {
  const texts: string[] = [];
  return { isTTY, columns: 200, texts, write: (text: string) => texts.push(text) };
}

test('a pipe gets one line a tenth, without cursor codes', () => {
  const pipe = stream(false);
  const meter = new ProgressMeter(pipe);
  meter.startRun(100);
  for (let finished = 0; finished <= 100; finished++) meter.update(state(finished));
  meter.endRun();
  meter.finish();
  expect(pipe.texts).toHaveLength(10);
  expect(pipe.texts[2]).toMatch(
    /^30 % · 1 min 0 s simulated · [\d,]+ × real time · 30\/100 requests · 3 queued · KV 25 %\n$/,
  );
  expect(pipe.texts.join('')).not.toContain('\u001b');
});

test('a terminal gets one live line, which is taken away in the end', () => {
  const terminal = stream(true);
  const meter = new ProgressMeter(terminal, 2);
  meter.startRun(100, 'kv_router, seed 42');
  meter.update(state(50));
  meter.update(state(51));
  meter.finish();
  expect(terminal.texts).toHaveLength(2);
  expect(terminal.texts[0]).toContain('run 1/2 kv_router, seed 42 · 25 % · ');
  expect(terminal.texts[1]).toBe('\r\u001b[K');
});

test('nobody is shown progress who asked for JSON or for quiet', () => {
  expect(openProgress(stream(false), { format: 'json' })).toBeUndefined();
  expect(openProgress(stream(false), { format: 'table', quiet: true })).toBeUndefined();
  expect(openProgress(stream(false), { format: 'table' })).toBeDefined();
});
