import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { ExtentEvent, ExtentEventLog } from '#core/kv/extents/event-log.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { KvEventFeed } from './kv-event-feed.ts';

/** A forest with one node of four blocks, held for a test, and a router that listens. */
function bench(lagNs: number) {
  const forest = new PromptForest(1);
  const path = { leaf: -1, leafBlocks: 0 };
  forest.intern(Uint32Array.of(1, 2, 3, 4), 0, 4, path);
  const router = new Router(kvOptions(2), forest, openStream(1, 'test'));
  const feed = new KvEventFeed(router, forest, lagNs);
  let requests = 0;
  /** The best overlap that the router knows of. */
  const known = (): number => {
    const query = { ...newRouteQuery(), request: requests++, leaf: path.leaf, leafBlocks: 4 };
    router.arrive({ ...query, totalBlocks: 4, inputTokens: 300 }, 0);
    const best = router.decisions.bestOverlapBlocks[0]!;
    router.decisions.clear();
    return best;
  };
  return { forest, feed, known, node: path.leaf };
}

function logOf(...entries: (readonly [number, number, number])[]): ExtentEventLog {
  const log = new ExtentEventLog();
  for (const [kind, node, blocks] of entries) log.push(kind, node, blocks);
  return log;
}

test('without lag the router knows at once, and the log is empty', () => {
  const { feed, known, node } = bench(0);
  const log = logOf([ExtentEvent.stored, node, 3]);
  feed.publish(1, log, 100);
  expect([known(), log.count]).toEqual([3, 0]);
  feed.publish(1, logOf([ExtentEvent.removed, node, 1]), 200);
  expect(known()).toBe(1);
});

test('with lag it knows when the events are due, in their order', () => {
  const { feed, known, node } = bench(50);
  feed.publish(0, logOf([ExtentEvent.stored, node, 4]), 100);
  feed.publish(0, logOf([ExtentEvent.removed, node, 2]), 120);
  feed.deliverDue(149);
  expect(known()).toBe(0);
  feed.deliverDue(150);
  expect(known()).toBe(4);
  feed.deliverDue(170);
  expect(known()).toBe(2);
});

test('a node is let go once its last event has been handed over', () => {
  const { feed, forest, node } = bench(50);
  feed.publish(0, logOf([ExtentEvent.stored, node, 4], [ExtentEvent.removed, node, 0]), 0);
  expect(forest.nodes).toBe(1);
  feed.deliverDue(50);
  expect(forest.nodes).toBe(0);
});

test('more events under way than the ring had rows', () => {
  const { feed, known, node } = bench(10);
  for (let atNs = 0; atNs < 500; atNs++) {
    feed.publish(0, logOf([ExtentEvent.stored, node, 1 + (atNs % 4)]), atNs);
    if (atNs % 7 === 0) feed.deliverDue(atNs);
  }
  for (let atNs = 500; atNs < 700; atNs++) {
    feed.publish(0, logOf([ExtentEvent.removed, node, 1]), atNs);
  }
  feed.deliverDue(10_000);
  expect(known()).toBe(1);
});
