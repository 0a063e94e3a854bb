import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { sharedPath } from '../shared.ts';
import { caseFiles } from './case-files.ts';
import { readGolden } from './golden.ts';
import { judgeCase } from './judge-case.ts';
import { printFlown } from './print-verdict.ts';
import { notYetFlown } from './translate.ts';

function folder(path: string): string {
  const found = sharedPath(path);
  if (found !== undefined) return found;
  throw new Error(`${path} is absent: it belongs into the shared folder beside the repository`);
}

const micro = caseFiles([folder('parity/micro')]);
const arxiv = caseFiles([folder('parity/macro')]).filter((file) =>
  basename(file).startsWith('arxiv-vllm'),
);
const flown = [...micro, ...arxiv].filter((file) => !notYetFlown(readGolden(file).input));

test.each(flown.map((file): [string, string] => [basename(file, '.json'), file]))(
  '%s flies as recorded',
  async (_name, file) => {
    const options = { tracesFolder: folder('traces'), seeds: 5 };
    const verdict = await judgeCase({ file, golden: readGolden(file) }, options);
    if (verdict.status === 'not-flown') throw new Error(verdict.reason);
    expect(verdict.status, printFlown(verdict, false)).toBe('equal');
  },
);

test('no case falls out of sight', () => {
  expect(flown).toHaveLength(50);
  expect(micro.length - flown.length + arxiv.length).toBe(47);
});
