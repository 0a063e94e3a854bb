import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { RadixIndex } from '#core/router/index/radix/radix-index.ts';
import { needReference, sharedPath } from '../shared.ts';

const FILE = 'parity/vectors/radix.json';

type Step =
  | {
      op: 'store';
      worker: number;
      dp_rank: number;
      parent: number | null;
      blocks: [external: number, local: number][];
      error?: string;
    }
  | { op: 'remove'; worker: number; dp_rank: number; block_hashes: number[]; error?: string }
  | { op: 'find'; local_hashes: number[]; scores: [worker: number, rank: number, blocks: number][] }
  | { op: 'clear_event'; worker: number; dp_rank: number }
  | { op: 'remove_worker' | 'clear_all_blocks'; worker: number }
  | { op: 'dump'; events: unknown[] };

interface Script {
  readonly name: string;
  readonly about: string;
  readonly steps: readonly Step[];
}

/** Without the file there are no scripts, and the count of them at the end is what is skipped. */
function readScripts(): readonly Script[] {
  const path = sharedPath(FILE);
  if (path === undefined) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as { scripts: Script[] }).scripts;
}

const RANKS = 2;
const targetOf = (worker: number, rank: number) => worker * RANKS + rank;

const ERRORS: Readonly<Record<string, string>> = {
  'Failed to apply event: Failed to find parent block': 'index_parent_not_found',
  'Failed to apply event: Failed to find block': 'index_block_not_found',
  'Failed to apply event: Invalid block sequence': 'index_invalid_sequence',
};

function expectedError(error: string | undefined): string | undefined {
  return error === undefined ? undefined : (ERRORS[error] ?? `no code for "${error}"`);
}

function scores(index: RadixIndex, locals: readonly number[]): number[][] {
  const match = new PrefixMatch();
  index.match(locals, locals.length, match);
  return [...match.targets.subarray(0, match.count)]
    .sort((a, b) => a - b)
    .map((target) => [Math.floor(target / RANKS), target % RANKS, match.blocksOf(target)]);
}

/** The dump in the vectors' form, sorted as text. */
function dumpRows(index: RadixIndex): string[] {
  const rows = index.dump().map(({ target, parent, locals, externals }) => {
    const blocks = locals.map((local, place) => [externals[place], local]);
    return [Math.floor(target / RANKS), target % RANKS, parent < 0 ? null : parent, blocks];
  });
  return rows.map((row) => JSON.stringify(row)).sort();
}

function apply(index: RadixIndex, step: Step): void {
  switch (step.op) {
    case 'store': {
      const externals = step.blocks.map(([external]) => external);
      const locals = step.blocks.map(([, local]) => local);
      const target = targetOf(step.worker, step.dp_rank);
      const code = index.store(target, step.parent ?? -1, locals, externals, locals.length);
      expect(code).toBe(expectedError(step.error));
      return;
    }
    case 'remove': {
      const target = targetOf(step.worker, step.dp_rank);
      const code = index.remove(target, step.block_hashes, step.block_hashes.length);
      expect(code).toBe(expectedError(step.error));
      return;
    }
    case 'find':
      expect(scores(index, step.local_hashes)).toEqual(step.scores);
      return;
    case 'clear_event':
      index.removeTarget(targetOf(step.worker, step.dp_rank));
      return;
    case 'dump':
      expect(dumpRows(index)).toEqual(step.events.map((event) => JSON.stringify(event)).sort());
      return;
    default:
      for (let rank = 0; rank < RANKS; rank++) index.removeTarget(targetOf(step.worker, rank));
  }
}

test.each(readScripts().map((script) => [script.name, script] as const))(
  'the radix index follows the script "%s"',
  (_name, script) => {
    expect(script.steps.length).toBeGreaterThan(0);
    const index = new RadixIndex();
    for (const [number, step] of script.steps.entries()) {
      try {
        apply(index, step);
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        throw new Error(`step ${number} ${JSON.stringify(step)}: ${cause}`, { cause: error });
      }
    }
  },
);

test('all 23 scripts are there', (context) => {
  needReference(context, FILE);
  expect(readScripts()).toHaveLength(23);
});
