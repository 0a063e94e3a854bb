import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { openJournalBench } from '#test/reference/journal-bench.ts';
import { askOf, NEVER, openTestRouter } from '#test/support/live-router.ts';

const bench = openJournalBench('live');
const { at, run } = bench;

afterAll(bench.close);
afterEach(() => vi.restoreAllMocks());

const ENGINES = 'engines: [{name: a, url: "http://h:1"}, {name: b, url: "http://h:2"}]';
const FLEET = { cluster: { workers: 2 }, engine: { block_size: 4 } };

/** The journal of a router with two engines that has let in so many requests and ended all but the last. */
async function liveJournal(name: string, requests: number, cut = false): Promise<string> {
  const opened = openTestRouter(ENGINES);
  const { router, clock } = opened;
  for (let index = 1; index <= requests; index++) {
    clock.advance(1e9);
    const routed = await router.route(askOf([1n, BigInt(100 + index)]), NEVER);
    if (index === requests) break;
    routed.progress(9);
    routed.ended();
  }
  opened.finish();
  const [header, ...lines] = Buffer.from(opened.journalOf('workers')).toString().split('\n');
  const told = { ...JSON.parse(header!), config: FLEET };
  const kept = cut ? lines.slice(0, -2) : lines;
  writeFileSync(at(name), [JSON.stringify(told), ...kept].join('\n'));
  return at(name);
}

test('it cannot be forked, and the command that makes one that can is named', async () => {
  const path = await liveJournal('forked.journal.jsonl', 4);
  await expect(run('fork', path, '--at', '1', '--worker', '1')).rejects.toThrow(
    /cannot be flown on with another choice: .* no model .*windtunnel replay \S+ --journal flown/,
  );
  const flown = at('flown.journal.jsonl');
  await run('replay', path, '--journal', flown, '--quiet');
  const { target } = JSON.parse(
    (await run('explain-decision', flown, '--at', '1', '--format', 'json')).out,
  );
  const other = String(1 - target);
  const { out } = await run('fork', flown, '--at', '1', '--worker', other, '--quiet');
  expect(out).toContain(`to worker ${other} instead of ${target}`);
});

test('its targets are those that were added', async () => {
  const path = await liveJournal('inspected.journal.jsonl', 2);
  const { out } = await run('journal', 'inspect', path);
  expect(out).toMatch(/router +kv_router, 2 targets, seed/);
  expect(out).toContain('0 to 2 requests each');
  const { targets } = JSON.parse((await run('journal', 'inspect', path, '--format', 'json')).out);
  expect(targets).toBe(2);
});

test('a number that several requests have had is said to stand for several', async () => {
  const path = await liveJournal('reused.journal.jsonl', 4);
  const last = await run('explain-decision', path, '--request', '0');
  expect(last.err).toBe(
    'note: request 0 stands for 4 decisions (0, 1, 2, 3); this is the last, --at names one\n',
  );
  expect(last.out).toContain('decision 3, at');
  expect((await run('explain-decision', path, '--at', '1')).err).toBe('');
  await expect(run('explain-decision', path, '--request', '7')).rejects.toThrow(
    /no such request; received 7; .*; name a decision by its number, --at 0 to 3/,
  );
});

test('the oracle flies the fleet of the journal', async () => {
  const path = await liveJournal('oracle.journal.jsonl', 3);
  const two = (await run('oracle', path, '--format', 'json', '--quiet')).out;
  const written = ['--set', 'cluster.workers=2', '--set', 'engine.block_size=4'];
  const config = at('empty.yaml');
  writeFileSync(config, '{}\n');
  const same = await run('oracle', path, '--config', config, ...written, '--format', 'json');
  expect(two).toBe(same.out);
  const all = (await run('oracle', path, '--config', config, '--format', 'json')).out;
  expect(all).not.toBe(two);
});

test('requests that had not ended are counted and named', async () => {
  const path = await liveJournal('cut.journal.jsonl', 3, true);
  const said =
    /1 request had not ended when the journal did: .*one token at least \(line \d+ of the journal\)/;
  expect((await run('journal', 'to-trace', path)).err).toMatch(said);
  expect((await run('replay', path, '--quiet')).err).toMatch(said);
});

test('a journal in which nothing arrives is not called empty', async () => {
  const path = await liveJournal('quiet.journal.jsonl', 0);
  for (const verb of [['replay'], ['journal', 'to-trace']]) {
    await expect(run(...verb, path)).rejects.toThrow(
      /quiet\.journal\.jsonl: no request arrives in the journal/,
    );
  }
});
