import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { defaultConstants } from '#core/perf/calibration/constants.ts';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { TraceBatch } from '#traces/batch.ts';
import { openJournal } from '../cluster/record-run.ts';
import { run } from '../run.ts';
import { calibratedTiming, flyRecorded } from './fly-recorded.ts';
import { readRecordedRun } from './read-recorded-run.ts';

const DEPLOYMENT = deploymentOn('h100', 'Qwen/Qwen3-8B');
const CONSTANTS = defaultConstants({ perPassMs: 1, perRequestMs: 0.01, frontendMs: 0 });
const SERVER = {
  blockSize: 64,
  kvBlocks: 4000,
  maxNumSeqs: 256,
  maxBatchedTokens: 8192,
  memoryFraction: 0.9,
  prefixCaching: true,
  chunkedPrefill: true,
};

/** Forty requests, each second one with a prompt that begins as the others' do, flown and recorded. */
function journalOf(workers: number): string {
  const batch = new TraceBatch();
  for (let index = 0; index < 40; index++) {
    const row = batch.append(index + 1, 640, 20 + index);
    batch.timestampMs[row] = 25 * index;
    for (let block = 0; block < 10; block++) {
      batch.appendHashId(index % 2 === 0 && block < 5 ? block : 1000 + 10 * index + block);
    }
  }
  const config = resolveConfig({
    cluster: { workers },
    engine: { num_gpu_blocks: SERVER.kvBlocks },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 64 },
  });
  const pieces: Uint8Array[] = [];
  const journal = openJournal({ program: 'test' }, (piece) => void pieces.push(piece));
  const timing = calibratedTiming(DEPLOYMENT, CONSTANTS);
  run({ config, seed: 1, batches: [batch], hasContent: true, sessions: 0, timing, journal });
  return Buffer.concat(pieces).toString('utf8');
}

const read = (journal: string) =>
  readRecordedRun(
    journal
      .split('\n')
      .filter((text) => text !== '')
      .map((text, index) => ({ text, line: index + 1 })),
    'run.journal.jsonl',
  );

test('the requests of a journal, flown again, take as long as they took', () => {
  const recording = read(journalOf(1));
  expect(recording.records).toHaveLength(40);
  expect(recording.server.blockSize).toBe(64);
  const flown = flyRecorded(DEPLOYMENT, SERVER, CONSTANTS, recording);
  for (const [index, { ttftMs, e2eMs }] of recording.records.entries()) {
    expect(flown.ttftMs[index]).toBeCloseTo(ttftMs, 3);
    expect(flown.e2eMs[index]).toBeCloseTo(e2eMs, 3);
  }
  // Twenty share five blocks, which the first of them computes.
  expect(flown.cachedTokens.reduce((sum, tokens) => sum + tokens, 0)).toBe(19 * 5 * 64);
});

test('of several workers the one that served most is taken', () => {
  expect(read(journalOf(3)).records).toHaveLength(14);
});

test('a journal of one pool of several is refused, and requests without an end are left out', () => {
  const lines = journalOf(1).split('\n');
  const header = JSON.stringify({ ...JSON.parse(lines[0]!), pool: 'decode' });
  expect(() => read([header, ...lines.slice(1)].join('\n'))).toThrow(
    'run.journal.jsonl: pool: no router of one pool of several sees requests whole',
  );
  const cut = lines.slice(0, Math.floor(lines.length / 2)).join('\n');
  expect(read(cut).records.length).toBeLessThan(40);
});
