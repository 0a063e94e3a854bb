import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { needReference, sharedPath } from '../shared.ts';
import { caseFiles } from './case-files.ts';
import { readGolden } from './golden.ts';
import { judgeCase } from './judge-case.ts';
import { printFlown } from './print-verdict.ts';
import { notYetFlown } from './translate.ts';

const MICRO = 'parity/micro';
const MACRO = 'parity/macro';

/** Without the folder there are no cases, and the count of them at the end is what is skipped. */
function casesIn(path: string): readonly string[] {
  const folder = sharedPath(path);
  return folder === undefined ? [] : caseFiles([folder]);
}

const micro = casesIn(MICRO);
const arxiv = casesIn(MACRO).filter((file) => basename(file).startsWith('arxiv-vllm'));
const flown = [...micro, ...arxiv].filter((file) => !notYetFlown(readGolden(file).input));

test.for(flown.map((file): [string, string] => [basename(file, '.json'), file]))(
  '%s flies as recorded',
  async ([, file], context) => {
    const options = { tracesFolder: needReference(context, 'traces'), seeds: 5 };
    const verdict = await judgeCase({ file, golden: readGolden(file) }, options);
    if (verdict.status === 'not-flown') throw new Error(verdict.reason);
    expect(verdict.status, printFlown(verdict, false)).toBe('equal');
  },
);

test('no case falls out of sight', (context) => {
  needReference(context, MICRO);
  needReference(context, MACRO);
  expect(flown).toHaveLength(94);
  expect(micro.length - flown.length + arxiv.length).toBe(3);
});
