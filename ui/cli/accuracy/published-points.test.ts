import { expect, test } from 'vitest';
import { reportAccuracy } from '#sim/accuracy/report.ts';
import { needReference } from '../../../test/shared.ts';
import { readPoints } from './read-points.ts';

test('published points of an open loop are all answered, and most are close', (context) => {
  const file = needReference(context, 'ground-truth', 'measured.jsonl.gz');
  const { rows } = readPoints(file, false);
  const report = reportAccuracy(
    rows.filter(({ family }) => family === 'blis-s2r'),
    42,
  );
  expect([report.answered, report.asked]).toEqual([13, 13]);
  expect(report.all.scores.tpotMs!.median).toBeLessThan(0.08);
  expect(report.all.scores.e2eMs!.median).toBeLessThan(0.08);
});
