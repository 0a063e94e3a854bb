import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveSequences } from '#core/router/sequences/active-sequences.ts';
import { NaiveOutputBlocks } from '../reference/naive-output-blocks.ts';
import { forestArbitrary } from '../reference/random-forest.ts';
import { check } from './check.ts';

const NODES = 8;
const MAX_LENGTH = 5;
const TARGETS = 2;
const REQUESTS = 8;
const BLOCK = 4;

const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'output', 'output', 'output', 'free'),
  request: fc.nat({ max: REQUESTS - 1 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.nat({ max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  /** Eighths are exact in either arithmetic, and halves that round up come up often. */
  eighths: fc.option(fc.nat({ max: 8 }), { nil: undefined }),
});
const steps = fc.array(step, { maxLength: 80, size: 'max' });

test('weighted blocks equal those counted one by one, and drain to zero exactly', () => {
  check(fc.tuple(forestArbitrary(NODES, MAX_LENGTH), steps), 400, ([forest, drawn]) => {
    const sequences = new ActiveSequences(forest, { outputBlockSize: BLOCK });
    const naive = new NaiveOutputBlocks(forest);
    for (const { kind, request, target, leaf, used, eighths } of drawn) {
      const leafBlocks = Math.min(used, forest.length[leaf]!);
      if (kind === 'free') {
        sequences.free(request);
        naive.free(request);
      } else if (kind === 'output' && naive.isActive(request)) {
        const fraction = eighths === undefined ? undefined : eighths / 8;
        sequences.addOutputBlock(request, fraction);
        naive.addOutputBlock(request, fraction);
      } else if (kind === 'add' && !naive.isActive(request)) {
        sequences.add(request, target, { leaf, leafBlocks, privateBlocks: 0, prefillTokens: 0 });
        naive.add(request, target, leaf, leafBlocks);
      }
      for (let id = 0; id < TARGETS; id++) {
        expect(sequences.activeBlocks[id]).toBe(naive.blocksOn(id));
      }
    }
    for (let request = 0; request < REQUESTS; request++) sequences.free(request);
    expect([...sequences.activeBlocks].every((blocks) => blocks === 0)).toBe(true);
    // Nothing is left of earlier weights: a prompt that comes now counts whole.
    sequences.add(0, 0, { leaf: 0, leafBlocks: 1, privateBlocks: 0, prefillTokens: 0 });
    expect(sequences.activeBlocks[0]).toBe(1);
  });
});

test('told of every token, a request has the blocks that its tokens reach into', () => {
  const shape = fc.record({
    inputTokens: fc.integer({ min: 1, max: 20 }),
    tokens: fc.integer({ min: 0, max: 40 }),
    expected: fc.constantFrom(0, 8, 16, 64),
  });
  check(shape, 300, ({ inputTokens, tokens, expected }) => {
    const forest = {
      parent: Int32Array.of(-1),
      attach: Int32Array.of(0),
      length: Int32Array.of(9),
    };
    const sequences = new ActiveSequences(forest, { outputBlockSize: BLOCK });
    const leafBlocks = Math.floor(inputTokens / BLOCK);
    const leaf = leafBlocks > 0 ? 0 : -1;
    const load = { leaf, leafBlocks, privateBlocks: 0, prefillTokens: 0 };
    sequences.add(0, 0, { ...load, inputTokens, expectedOutputTokens: expected });
    let changes = 0;
    let lastFraction = 1;
    for (let generated = 1; generated <= tokens; generated++) {
      if (!sequences.outputProgress(0, generated)) continue;
      changes++;
      lastFraction = expected === 0 ? 1 : Math.max(0, 1 - generated / expected);
    }
    const outputs = Math.ceil((inputTokens + tokens) / BLOCK) - Math.ceil(inputTokens / BLOCK);
    expect(changes).toBe(outputs);
    expect(sequences.activeBlocks[0]).toBe(Math.round((leafBlocks + outputs) * lastFraction));
    expect(sequences.outputProgress(0, tokens)).toBe(false);
    expect(sequences.outputProgress(7, 1000)).toBe(false);
  });
});
