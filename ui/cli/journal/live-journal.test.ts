import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { askOf, NEVER, openTestRouter } from '#test/support/live-router.ts';
import { readConfig } from '../config-file.ts';
import { loadTrace } from '../load-trace.ts';
import { isJournal } from './journal-as-trace.ts';
import { JournalTrace } from './journal-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-live-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = 'engines: [{name: a, url: "http://h:1"}, {name: b, url: "http://h:2"}]';

/** Three requests of which the first ends last, one that nobody serves, one that is under way. */
async function liveJournal(): Promise<Uint8Array> {
  const opened = openTestRouter(CONFIG);
  const { router, clock } = opened;
  clock.advance(1e9);
  const first = await router.route(askOf([1n, 2n]), NEVER);
  clock.advance(1e6);
  const second = await router.route(askOf([1n, 3n], { session: 's', tenant: 't' }), NEVER);
  second.progress(9);
  second.ended();
  clock.advance(5e6);
  const nobody = askOf([4n], { allowedWorkers: [] });
  await router.route(nobody, NEVER).catch(() => undefined);
  const third = await router.route(askOf([1n, 2n, 5n], { session: 's' }), NEVER);
  third.progress(3);
  third.ended();
  first.progress(20);
  first.ended();
  await router.route(askOf([6n], { outputTokens: 33 }), NEVER);
  opened.finish();
  return opened.journalOf('workers');
}

test('the trace of a live journal has what was generated, whenever that was told', async () => {
  const bytes = await liveJournal();
  const trace = new JournalTrace('run.journal.jsonl');
  // However the bytes come, rows come in the order of their arrival.
  const rows: (readonly (number | string | undefined)[])[] = [];
  const prompts: number[][] = [];
  const take = (batch: ReturnType<JournalTrace['read']>): void => {
    for (let row = 0; row < batch.count; row++) {
      const [from, to] = [batch.hashStart[row]!, batch.hashStart[row + 1]!];
      prompts.push([...batch.hashIds.subarray(from, to)]);
      const session = batch.sessionId[row];
      rows.push([batch.timestampMs[row], batch.outputTokens[row], session, batch.delayMs[row]]);
    }
  };
  for (let at = 0; at < bytes.length; at += 50) take(trace.read(bytes.subarray(at, at + 50)));
  take(trace.rest());
  expect(rows).toEqual([
    [1000, 20, undefined, Number.NaN],
    [1001, 9, 's', Number.NaN],
    [1006, 1, undefined, Number.NaN],
    [1006, 3, 's', 5],
    [1006, 33, undefined, Number.NaN],
  ]);
  // The same blocks have the same names, and what comes after the last whole block its own.
  expect(prompts.map((ids) => ids.length)).toEqual([3, 3, 2, 4, 2]);
  expect(prompts[1]![0]).toBe(prompts[0]![0]);
  expect(prompts[3]!.slice(0, 2)).toEqual(prompts[0]!.slice(0, 2));
  expect(new Set(prompts.flat()).size).toBe(11);
});

test('a live journal is a trace, and a config, for whoever flies it', async () => {
  const path = join(folder, 'run.journal.jsonl');
  const bytes = await liveJournal();
  // In parts, as a live router writes it, cut between two lines.
  const middle = bytes.indexOf(10, bytes.length / 2) + 1;
  writeFileSync(path, bytes.subarray(0, middle));
  writeFileSync(`${path}.1`, bytes.subarray(middle));
  expect([isJournal(path), isJournal(`${path}.1`), isJournal(folder)]).toEqual([
    true,
    false,
    false,
  ]);
  const { value } = readConfig(path);
  const loaded = await loadTrace(path, resolveConfig(value), false);
  expect(loaded).toMatchObject({ requests: 5, traceBlockSize: 4, sessions: 1, hasContent: true });
  await expect(
    loadTrace(path, resolveConfig({ workload: { trace_block_size: 512 } }), true),
  ).rejects.toThrow(/the blocks of the journal have another size; received 512; allowed: 4/);
});

test('the config of a journal leaves out its traffic and what is default anyway', () => {
  const header = {
    kind: 'windtunnel.journal',
    version: 1,
    program: 'test',
    seed: 3,
    stream: 'router.selection',
    unit_blocks: 1,
    router: {
      ...{ mode: 'kv_router', costModel: 'current', overlapScoreCredit: 1 },
      ...{ overlapScoreCreditDecay: 0, prefillLoadScale: 1, decodeActiveRequestWeight: 0 },
      ...{ temperature: 0, queuePolicy: 'fcfs', trackActiveBlocks: true, trackPrefillTokens: true },
      ...{ blockSize: 16, maxNumBatchedTokens: 8192, targets: 0 },
    },
    config: {
      seed: 3,
      workload: { arrival_speedup_ratio: 4 },
      engine: { block_size: 16, num_gpu_blocks: 16384, timing: { type: 'linear' } },
      router: { mode: 'kv_router', overlap_score_credit: 1, router_temperature: 0.5 },
    },
  };
  const path = join(folder, 'config.journal.jsonl');
  writeFileSync(path, `${JSON.stringify(header)}\n`);
  expect(readConfig(path).value).toEqual({
    seed: 3,
    engine: { block_size: 16, timing: { type: 'linear' } },
    router: { router_temperature: 0.5 },
  });
});
