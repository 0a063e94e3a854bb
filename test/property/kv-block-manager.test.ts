import fc from 'fast-check';
import { test } from 'vitest';
import { BlockManager } from '#core/kv/block-manager.ts';
import { FifoEviction } from '#core/kv/eviction/fifo/fifo.ts';
import { LineageEviction } from '#core/kv/eviction/lineage/lineage.ts';
import { LruEviction } from '#core/kv/eviction/lru/lru.ts';
import { MultiLruEviction } from '#core/kv/eviction/multi-lru/multi-lru.ts';
import type { EvictionPolicy } from '#core/kv/eviction/policy.ts';
import { KvModel, type ModelPolicy } from '../reference/kv-model.ts';
import { commands } from './kv-commands.ts';
import { BLOCK_SIZE } from './kv-steps.ts';

const THRESHOLDS = [1, 2, 4] as const;

function policyOf(policy: ModelPolicy, blocks: number): EvictionPolicy {
  if (policy === 'lru') return new LruEviction(blocks);
  if (policy === 'fifo') return new FifoEviction();
  if (policy === 'lineage') return new LineageEviction(blocks);
  return new MultiLruEviction({ blocks, thresholds: THRESHOLDS, sketchCapacity: 2 ** 12 });
}

for (const policy of ['lru', 'fifo', 'lineage', 'multi-lru'] as const) {
  test(`the block manager equals the naive model under ${policy}`, () => {
    const options = fc.record({
      blocks: fc.integer({ min: 1, max: 9 }),
      rejectDuplicates: fc.boolean(),
      resetOnRelease: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(
        options,
        fc.commands(commands, { maxCommands: 120, size: 'max' }),
        (chosen, steps) => {
          const model = new KvModel({
            ...chosen,
            policy,
            blockSize: BLOCK_SIZE,
            thresholds: THRESHOLDS,
          });
          const real = new BlockManager({
            blocks: chosen.blocks,
            blockSize: BLOCK_SIZE,
            eviction: policyOf(policy, chosen.blocks),
            duplicates: chosen.rejectDuplicates ? 'reject' : 'allow',
            resetOnRelease: chosen.resetOnRelease,
          });
          fc.modelRun(() => ({ model, real }), steps);
        },
      ),
      { seed: 1337, numRuns: 150 },
    );
  });
}
