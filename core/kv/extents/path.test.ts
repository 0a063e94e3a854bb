import { expect, test } from 'vitest';
import { PathSteps } from './path.ts';

const forest = {
  parent: Int32Array.of(-1, 0, 1),
  attach: Int32Array.of(0, 4, 0),
  length: Int32Array.of(9, 3, 5),
  serial: Float64Array.of(1, 2, 3),
};

function unrolled(steps: PathSteps): number[][] {
  return Array.from({ length: steps.count }, (_, step) => [steps.node[step]!, steps.blocks[step]!]);
}

test('a path is unrolled from the root: each parent up to where its child hangs', () => {
  const steps = new PathSteps();
  steps.load(forest, 2, 5);
  expect(unrolled(steps)).toEqual([
    [0, 4],
    [1, 0],
    [2, 5],
  ]);
  steps.load(forest, 0, 7);
  expect(unrolled(steps)).toEqual([[0, 7]]);
  steps.load(forest, -1, 0);
  expect(steps.count).toBe(0);
});

test('another node that bears the id of the last leaf has a path of its own', () => {
  const steps = new PathSteps();
  steps.load(forest, 2, 5);
  steps.load(
    { ...forest, parent: Int32Array.of(-1, 0, 0), serial: Float64Array.of(1, 2, 4) },
    2,
    5,
  );
  expect(unrolled(steps)).toEqual([
    [0, 0],
    [2, 5],
  ]);
});
