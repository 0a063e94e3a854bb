import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { poolJournalPath } from '#core/journal/pool-path.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { JournalFile } from './journal-file.ts';
import { moveAside } from './move-aside.ts';
import { startJournal } from './start-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-live-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

function refuseFault(file: string, reason: string): void {
  throw new Error(`${file}: ${reason}`);
}

test('pieces come in their order, and a full part is followed by the next one', async () => {
  const path = join(folder, 'parts.jsonl');
  const file = await JournalFile.open(path, 10, refuseFault);
  for (const line of ['[1]\n', '[2]\n', '[3]\n', '["longer than a part"]\n', '[4]\n']) {
    file.write(bytes(line));
  }
  await file.close();
  const text = (part: string) => readFileSync(`${path}${part}`, 'utf8');
  expect([text(''), text('.1'), text('.2'), text('.3')]).toEqual([
    '[1]\n[2]\n',
    '[3]\n',
    '["longer than a part"]\n',
    '[4]\n',
  ]);
  expect(existsSync(`${path}.4`)).toBe(false);
});

test('what an earlier run has left is moved aside, with all its parts', () => {
  const path = join(folder, 'old.jsonl');
  for (const part of ['', '.1']) writeFileSync(`${path}${part}`, `part${part}`);
  const aside = moveAside(path)!;
  expect(aside.slice(path.length)).toMatch(/^\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
  expect(readFileSync(`${aside}.1`, 'utf8')).toBe('part.1');
  expect(existsSync(path)).toBe(false);
  expect(moveAside(path)).toBeUndefined();
  // Another one of the same second keeps apart.
  writeFileSync(path, 'again');
  writeFileSync(`${aside}`, 'first');
  const twin = moveAside(path)!;
  expect(readFileSync(aside, 'utf8')).toBe('first');
  expect(twin).not.toBe(aside);
});

test('only a journal is moved out of the way, and an empty file', async () => {
  const start = (path: string, pools = ['workers']) =>
    startJournal({
      config: { path, part_bytes: 1e6, flush_interval_ms: 200 },
      ...{ pools, timers: new ManualClock(), onFault: refuseFault },
    });
  const notes = join(folder, 'notes.md');
  writeFileSync(notes, '# What I know of windtunnel.journal\n');
  for (const path of [notes, '/dev/null', folder]) {
    await expect(start(path)).rejects.toThrow(
      `journal.path: what is there is no journal, and would be moved out of the way; received "${path}"; name another file`,
    );
  }
  expect(readFileSync(notes, 'utf8')).toBe('# What I know of windtunnel.journal\n');
  // Of two places none is touched where one is somebody's own.
  const path = join(folder, 'two.journal.jsonl');
  const [first, second] = ['prefill', 'decode'].map((pool) => poolJournalPath(path, pool));
  writeFileSync(first!, '{"kind":"windtunnel.journal"}\n');
  writeFileSync(second!, 'mine');
  await expect(start(path, ['prefill', 'decode'])).rejects.toThrow('is no journal');
  expect(readFileSync(first!, 'utf8')).toBe('{"kind":"windtunnel.journal"}\n');
  writeFileSync(second!, '');
  const journal = await start(path, ['prefill', 'decode']);
  await journal.close();
  expect(journal.movedAside).toHaveLength(2);
});

test('a disk that fails ends the journal, once, and nothing else', async () => {
  const path = join(folder, 'fails.jsonl');
  const faults: string[] = [];
  const file = await JournalFile.open(path, 4, (name, reason) => faults.push(`${name} ${reason}`));
  writeFileSync(`${path}.1`, 'somebody is there already');
  file.write(bytes('[1]\n'));
  file.write(bytes('[2]\n'));
  await file.close();
  file.write(bytes('[3]\n'));
  expect(file.statusOf('p')).toMatchObject({
    ...{ pool: 'p', file: `${path}.1`, written_bytes: 4, waiting_bytes: 0 },
    fault: expect.stringContaining('EEXIST') as string,
  });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/fails\.jsonl\.1 EEXIST/);
  expect(readFileSync(path, 'utf8')).toBe('[1]\n');
});

test('each pool has a file of its own, written as often as the config says', async () => {
  const timers = new ManualClock();
  const config = {
    path: join(folder, 'run.journal.jsonl'),
    part_bytes: 1e6,
    flush_interval_ms: 200,
  };
  const pools = ['prefill', 'decode'];
  const journal = await startJournal({ config, pools, timers, onFault: refuseFault });
  let flushes = 0;
  journal.flushEvery(() => journal.sink(bytes(`[${++flushes}]\n`), 'decode'));
  timers.advance(1e9);
  await journal.close();
  expect([flushes, timers.armed]).toEqual([6, 0]);
  expect(journal.status()).toEqual(
    pools.map((pool, at) => ({
      ...{ pool, file: journal.files[at], written_bytes: [0, 24][at], waiting_bytes: 0 },
      fault: null,
    })),
  );
  expect(readFileSync(join(folder, 'run.decode.journal.jsonl'), 'utf8')).toMatch(
    /^\[1\]\n.*\[6\]\n$/s,
  );
  expect(readdirSync(folder)).toContain('run.prefill.journal.jsonl');
  await expect(
    startJournal({
      config: { ...config, path: join(folder, 'no', 'a') },
      pools: ['workers'],
      timers,
      onFault: refuseFault,
    }),
  ).rejects.toThrow('journal.path: the journal cannot be opened: ENOENT');
});
