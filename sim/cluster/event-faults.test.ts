import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { ExtentEvent, ExtentEventLog } from '#core/kv/extents/event-log.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { EventFaults, Fate } from './event-faults.ts';
import { KvEventFeed } from './kv-event-feed.ts';

/** Faults that are told, in place of drawn ones. */
class ToldFaults extends EventFaults {
  fates: number[] = [];

  override draw(): number {
    return this.fates.shift() ?? Fate.once;
  }
}

/** A node of four blocks with one of two blocks below its third, held for the test. */
function bench(...fates: number[]) {
  const forest = new PromptForest(1);
  const path = { leaf: -1, leafBlocks: 0 };
  forest.intern(Uint32Array.of(1, 2, 3, 4), 0, 4, path);
  const root = path.leaf;
  forest.intern(Uint32Array.of(1, 2, 3, 7, 8), 0, 5, path);
  const branch = path.leaf;
  const router = new Router(kvOptions(2), forest, openStream(1, 'test'));
  const faults = new ToldFaults(router, router.index, forest, [], 0, 0);
  faults.fates = fates;
  const feed = new KvEventFeed(router, forest, 0, faults);
  const publish = (kind: number, node: number, blocks: number) => {
    const log = new ExtentEventLog();
    log.push(kind, node, blocks);
    feed.publish(1, log, 0);
  };
  const held = (node: number) => router.index.blocksOfNode(1, node);
  return { forest, router, faults, publish, held, root, branch };
}

const { stored, removed } = ExtentEvent;

test('a lost store leaves a hole, and what is stored behind it is skipped', () => {
  const { forest, faults, publish, held, root, branch } = bench(Fate.lost);
  forest.retain(root);
  forest.retain(branch);
  publish(stored, root, 2);
  publish(stored, root, 4);
  publish(stored, branch, 2);
  expect([held(root), held(branch), faults.orphaned]).toEqual([0, 0, 2]);
  // The worker evicts what the router never knew of, and stores it again: now it is heard.
  publish(removed, branch, 0);
  publish(removed, root, 1);
  publish(removed, root, 0);
  publish(stored, root, 3);
  publish(stored, branch, 2);
  expect([held(root), held(branch), faults.orphaned]).toEqual([3, 2, 2]);
});

test('a lost eviction leaves an entry that outlives the node on the worker', () => {
  const { forest, publish, held, root } = bench(Fate.once, Fate.lost);
  forest.retain(root);
  publish(stored, root, 4);
  publish(removed, root, 0);
  // The worker and all requests have let go of the node, but the router still believes in it.
  expect(held(root)).toBe(4);
  const nodes = forest.nodes;
  forest.release(root);
  expect([forest.nodes, held(root)]).toEqual([nodes, 4]);
  // The worker stores the prompt again, and this time its eviction is heard.
  forest.retain(root);
  publish(stored, root, 4);
  publish(removed, root, 0);
  expect(held(root)).toBe(0);
});

test('an event that arrives twice changes nothing more', () => {
  const { publish, held, root } = bench(Fate.twice, Fate.twice);
  publish(stored, root, 4);
  expect(held(root)).toBe(4);
  publish(removed, root, 2);
  expect(held(root)).toBe(2);
});

test('what is drawn adds up', () => {
  const { router, forest } = bench();
  const streams = [openStream(3, 'a'), openStream(3, 'b')];
  const faults = new EventFaults(router, router.index, forest, streams, 0.25, 0.5);
  const fates = Array.from({ length: 4000 }, (_, event) => faults.draw(event % 2));
  const count = (fate: number) => fates.filter((drawn) => drawn === fate).length;
  expect([faults.published, faults.lost, faults.duplicated]).toEqual([
    4000,
    count(Fate.lost),
    count(Fate.twice),
  ]);
  expect(faults.lost / 4000).toBeCloseTo(0.25, 1);
  expect(faults.duplicated / 4000).toBeCloseTo(0.75 * 0.5, 1);
});
