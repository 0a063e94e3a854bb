import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { journalPaths } from './journal-files.ts';

const DISAGGREGATED = resolveConfig({
  cluster: {
    pools: [
      { role: 'decode', workers: 1, name: 'tokens' },
      { role: 'prefill', workers: 1 },
    ],
  },
});

test.each([
  ['run.journal.jsonl.gz', 'run.prefill.journal.jsonl.gz', 'run.tokens.journal.jsonl.gz'],
  ['out/run.jsonl', 'out/run.prefill.jsonl', 'out/run.tokens.jsonl'],
  ['a.b/run', 'a.b/run.prefill', 'a.b/run.tokens'],
  ['.hidden', '.hidden.prefill', '.hidden.tokens'],
])('%s becomes a file a pool', (path, prefill, decode) => {
  expect(journalPaths(path, DISAGGREGATED)).toEqual([
    ['prefill', prefill],
    ['tokens', decode],
  ]);
});

test('one pool has the file that was named', () => {
  expect(journalPaths('run.jsonl', resolveConfig({}))).toEqual([['workers', 'run.jsonl']]);
});
