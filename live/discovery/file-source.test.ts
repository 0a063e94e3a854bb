import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '#test/support/until.ts';
import type { Sighting } from './discovery-source.ts';
import { FileSource } from './file-source.ts';

function says(sighting: Sighting | undefined): string {
  if (sighting?.kind !== 'list') return sighting?.why ?? 'nothing';
  return sighting.engines.map(({ entry }) => entry.name).join();
}

test('a file that is written piece by piece, replaced, or gone is never taken for fewer engines', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-engines-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'engines.yaml');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    const source = new FileSource({ path, intervalMs: 5 });
    for await (const sighting of source.sightings(stop.signal)) seen.push(says(sighting));
  })();
  await until('it is missed', () => seen.length === 1);
  expect(seen[0]).toBe(`${path} cannot be read (ENOENT)`);
  writeFileSync(path, 'engines:\n');
  for (const name of ['a', 'b', 'c']) {
    appendFileSync(path, `  - {name: ${name}, url: "http://${name}:1"}\n`);
    await sleep(10);
  }
  await until('all three are listed', () => seen.at(-1) === 'a,b,c');
  writeFileSync(`${path}.new`, 'engines: []\n');
  renameSync(`${path}.new`, path);
  await until('everybody is sent away', () => seen.at(-1) === '');
  unlinkSync(path);
  await until('the file is missed again', () => seen.length === 4);
  stop.abort();
  await following;
  expect(seen.map((one) => one.replace(path, 'FILE'))).toEqual([
    'FILE cannot be read (ENOENT)',
    'a,b,c',
    '',
    'FILE cannot be read (ENOENT)',
  ]);
});
