import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '#test/property/check.ts';
import { HeldRanges } from './held-ranges.ts';

const BLOCKS = 12;
const OWNERS = [-1, 0, 3];

const step = fc.record({
  kind: fc.constantFrom('stored', 'stored', 'stored', 'removed', 'removed', 'cleared', 'freed'),
  owner: fc.constantFrom(...OWNERS),
  node: fc.nat(1),
  from: fc.nat(BLOCKS - 1),
  length: fc.integer({ min: 1, max: 4 }),
});

test('ranges hold what a set of single blocks holds', () => {
  check(fc.array(step, { maxLength: 60 }), 500, (steps) => {
    const held = new HeldRanges();
    const blocks = new Set<string>();
    for (const { kind, owner, node, from, length } of steps) {
      const to = from + length;
      const names = Array.from({ length }, (_, place) => `${owner} ${node} ${from + place}`);
      const forget = (prefix: RegExp) => {
        for (const name of blocks) if (prefix.test(name)) blocks.delete(name);
      };
      if (kind === 'stored') {
        held.stored(owner, node, from, to);
        for (const name of names) blocks.add(name);
      } else if (kind === 'removed') {
        held.removed(owner, node, from, to);
        for (const name of names) blocks.delete(name);
      } else if (kind === 'cleared') {
        held.cleared(owner);
        forget(new RegExp(`^${owner} `));
      } else {
        held.freeNode(node);
        forget(new RegExp(`^\\S+ ${node} `));
      }
      expect(held.isEmpty).toBe(blocks.size === 0);
      for (const who of OWNERS) compare(held, blocks, who, node, from);
    }
  });
});

function compare(
  held: HeldRanges,
  blocks: ReadonlySet<string>,
  owner: number,
  node: number,
  from: number,
): void {
  const has = (block: number) => blocks.has(`${owner} ${node} ${block}`);
  let end = from;
  while (end < BLOCKS && has(end)) end++;
  expect(held.endOfRun(owner, node, from, BLOCKS)).toBe(end);
  const all = Array.from({ length: BLOCKS }, (_, block) => block);
  const count = all.filter((block) => block >= from && has(block)).length;
  expect(held.countIn(owner, node, from, BLOCKS)).toBe(count);
}
