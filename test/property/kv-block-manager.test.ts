import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockOf, NO_BLOCK } from '#core/kv/block-handle.ts';
import { BlockManager } from '#core/kv/block-manager.ts';
import type { KvEvent } from '#core/kv/events.ts';
import { FifoEviction } from '#core/kv/eviction/fifo/fifo.ts';
import { LineageEviction } from '#core/kv/eviction/lineage/lineage.ts';
import { LruEviction } from '#core/kv/eviction/lru/lru.ts';
import { MultiLruEviction } from '#core/kv/eviction/multi-lru/multi-lru.ts';
import type { EvictionPolicy } from '#core/kv/eviction/policy.ts';
import {
  KvModel,
  type ModelBlock,
  type ModelGuard,
  type ModelPolicy,
} from '../reference/kv-model.ts';

/** The hash universe: each hash has one parent, as true sequence hashes do. */
const PARENT = [-1, 0, 1, 2, 0, 4, 5, -1, 7, 8, 1, 3] as const;
const BLOCK_SIZE = 4;
const THRESHOLDS = [1, 2, 4] as const;

type Command = fc.Command<KvModel, BlockManager>;

/** A step of the walk: what it does to both, and a name for the counterexample. */
class Step implements Command {
  readonly #name: string;
  readonly #run: (model: KvModel, real: BlockManager) => void;

  constructor(name: string, run: (model: KvModel, real: BlockManager) => void) {
    this.#name = name;
    this.#run = run;
  }

  check(): boolean {
    return true;
  }

  run(model: KvModel, real: BlockManager): void {
    this.#run(model, real);
    expectEqual(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

function expectEqual(model: KvModel, real: BlockManager): void {
  const states = ['reset', 'mutable', 'staged', 'primary', 'duplicate', 'inactive'] as const;
  const counts = states.map((state) => real.count(state));
  expect(counts).toEqual(states.map((state) => model.count(state)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(real.blocks);
  expect(real.freeOrder()).toEqual(model.free.map((block) => block.id));
  expect(real.available).toBe(model.free.length + model.inactive.length);
  for (const hash of PARENT.keys()) expect(real.presence(hash)).toBe(model.presence(hash));
  expect(flatten(real.events.drain())).toEqual(model.log.splice(0));
}

function flatten(events: readonly KvEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind === 'cleared') return ['cleared'];
    if (event.kind === 'removed') return event.hashes.map((hash) => `removed ${hash}`);
    return event.hashes.map(
      (hash, at) => `stored ${hash} after ${at === 0 ? event.parent : event.hashes[at - 1]}`,
    );
  });
}

/** The hashes from a root to `leaf`. */
function pathTo(leaf: number): number[] {
  const path = [leaf];
  while (PARENT[path[0]!]! >= 0) path.unshift(PARENT[path[0]!]!);
  return path;
}

/** Some guard, or none while there is none. */
function pick<T>(list: readonly T[], choice: number): T | undefined {
  return list[choice % Math.max(1, list.length)];
}

function addGuards(model: KvModel, blocks: readonly ModelBlock[], handles: readonly number[]) {
  expect(handles.map(blockOf)).toEqual(blocks.map((block) => block.id));
  for (const [at, block] of blocks.entries()) model.guards.push({ handle: handles[at]!, block });
}

function dropGuard(model: KvModel, guard: ModelGuard): void {
  model.guards.splice(model.guards.indexOf(guard), 1);
  if (model.guards.every((other) => other.handle !== guard.handle)) {
    model.deadHandles.push(guard.handle);
  }
}

function releaseGuard(model: KvModel, real: BlockManager, guard: ModelGuard): void {
  real.release(guard.handle);
  dropGuard(model, guard);
  model.settle(guard.block);
}

function computeBlock(
  model: KvModel,
  real: BlockManager,
  guard: ModelGuard,
  name: number,
): ModelGuard {
  const parent = PARENT[name]!;
  real.fill(guard.handle, BLOCK_SIZE);
  real.stage(guard.handle, name, parent);
  Object.assign(guard.block, { state: 'staged', tokens: BLOCK_SIZE, hash: name, parent });
  return replaceGuard(model, guard, real.register(guard.handle));
}

/** After registering: the holder keeps its block, or has the first copy instead. */
function replaceGuard(model: KvModel, guard: ModelGuard, kept: number): ModelGuard {
  const block = model.register(guard.block);
  if (block === guard.block) {
    expect(kept).toBe(guard.handle);
    return guard;
  }
  dropGuard(model, guard);
  addGuards(model, [block], [kept]);
  return model.guards.at(-1)!;
}

/** Runs `act` when the guard's block is in one of the states, else expects `block_state`. */
function inState(
  guard: ModelGuard | undefined,
  states: readonly ModelBlock['state'][],
  act: (guard: ModelGuard) => unknown,
  apply: (guard: ModelGuard) => unknown,
): void {
  if (guard === undefined) return;
  if (!states.includes(guard.block.state)) {
    expect(() => act(guard)).toThrow(expect.objectContaining({ code: 'block_state' }));
    return;
  }
  act(guard);
  apply(guard);
}

const choice = fc.nat(30);
const hash = fc.nat(PARENT.length - 1);
/** A path from a root, as a prompt asks, or any hashes. */
const query = fc.oneof(hash.map(pathTo), fc.array(hash, { maxLength: 4 }));

const allocate = fc.nat(4).map(
  (count) =>
    new Step(`allocate ${count}`, (model, real) => {
      const handles: number[] = [];
      const blocks = model.allocate(count);
      expect(real.allocate(count, handles)).toBe(blocks !== undefined);
      addGuards(model, blocks ?? [], handles);
    }),
);

const fill = fc.tuple(choice, fc.nat(6)).map(
  ([which, tokens]) =>
    new Step(`fill ${which} ${tokens}`, (model, real) => {
      inState(
        pick(model.guards, which),
        ['mutable'],
        (guard) => {
          const room = BLOCK_SIZE - guard.block.tokens;
          expect(real.fill(guard.handle, tokens)).toBe(Math.min(room, tokens));
        },
        ({ block }) => {
          block.tokens = Math.min(BLOCK_SIZE, block.tokens + tokens);
        },
      );
    }),
);

const stage = fc.tuple(choice, hash).map(
  ([which, name]) =>
    new Step(`stage ${which} as ${name}`, (model, real) => {
      const guard = pick(model.guards, which);
      const parent = PARENT[name]!;
      if (guard?.block.state === 'mutable' && guard.block.tokens < BLOCK_SIZE) {
        const { handle, block } = guard;
        expect(() => real.stage(handle, name, parent)).toThrow(
          expect.objectContaining({
            code: 'block_size_mismatch',
            data: { block: handle, expected: BLOCK_SIZE, actual: block.tokens },
          }),
        );
        expect(real.tokensIn(handle)).toBe(block.tokens);
        return;
      }
      inState(
        guard,
        ['mutable'],
        ({ handle }) => real.stage(handle, name, parent),
        ({ block }) => Object.assign(block, { state: 'staged', hash: name, parent }),
      );
    }),
);

const unstage = choice.map(
  (which) =>
    new Step(`unstage ${which}`, (model, real) => {
      inState(
        pick(model.guards, which),
        ['staged'],
        ({ handle }) => real.unstage(handle),
        ({ block }) => Object.assign(block, { state: 'mutable', hash: -1, tokens: 0 }),
      );
    }),
);

const register = choice.map(
  (which) =>
    new Step(`register ${which}`, (model, real) => {
      let kept = NO_BLOCK;
      inState(
        pick(model.guards, which),
        ['staged'],
        ({ handle }) => {
          kept = real.register(handle);
        },
        (guard) => replaceGuard(model, guard, kept),
      );
    }),
);

/** Fill, stage and register in one step, so that walks reach the cached states often. */
const compute = fc.tuple(choice, hash).map(
  ([which, name]) =>
    new Step(`compute ${which} as ${name}`, (model, real) => {
      const guard = pick(model.guards, which);
      if (guard?.block.state === 'mutable') computeBlock(model, real, guard, name);
    }),
);

/** A whole request: reuse its prefix, compute the rest, let go from the tail. */
const fly = fc.tuple(hash, fc.boolean()).map(
  ([leaf, stays]) =>
    new Step(`fly ${leaf}${stays ? ' and stay' : ''}`, (model, real) => {
      const path = pathTo(leaf);
      const handles: number[] = [];
      const reused = model.matchLength(path);
      expect(real.matchPrefix(path, handles)).toBe(reused);
      const blocks = path.slice(0, reused).map((name) => model.hit(name, true));
      const fresh = model.allocate(path.length - reused);
      expect(real.allocate(path.length - reused, handles)).toBe(fresh !== undefined);
      addGuards(model, [...blocks, ...(fresh ?? [])], handles);
      const guards = model.guards.slice(model.guards.length - handles.length);
      for (const [at, guard] of guards.entries()) {
        if (at >= reused) guards[at] = computeBlock(model, real, guard, path[at]!);
      }
      if (stays) return;
      for (const guard of guards.toReversed()) releaseGuard(model, real, guard);
    }),
);

const releaseMany = fc.tuple(fc.nat(8), fc.boolean()).map(
  ([count, fromTail]) =>
    new Step(`release ${count} ${fromTail ? 'last' : 'first'}`, (model, real) => {
      for (let released = 0; released < count; released++) {
        const guard = fromTail ? model.guards.at(-1) : model.guards[0];
        if (guard !== undefined) releaseGuard(model, real, guard);
      }
    }),
);

const acquire = choice.map(
  (which) =>
    new Step(`acquire ${which}`, (model, real) => {
      inState(
        pick(model.guards, which),
        ['primary', 'duplicate'],
        ({ handle }) => real.acquire(handle),
        (guard) => model.guards.push({ ...guard }),
      );
    }),
);

const release = choice.map(
  (which) =>
    new Step(`release ${which}`, (model, real) => {
      const guard = pick(model.guards, which);
      if (guard === undefined) return;
      releaseGuard(model, real, guard);
    }),
);

const match = query.map(
  (hashes) =>
    new Step(`match ${hashes}`, (model, real) => {
      const handles: number[] = [];
      const length = model.matchLength(hashes);
      expect(real.visiblePrefix(hashes)).toBe(length);
      expect(real.matchPrefix(hashes, handles)).toBe(length);
      addGuards(
        model,
        hashes.slice(0, length).map((name) => model.hit(name, true)),
        handles,
      );
    }),
);

const scan = fc.tuple(query, fc.boolean()).map(
  ([hashes, touch]) =>
    new Step(`scan ${hashes} ${touch}`, (model, real) => {
      const handles: number[] = [];
      real.scan(hashes, touch, handles);
      const hits = hashes.map((name) => model.primaryOf(name) !== undefined);
      expect(handles.map((handle) => handle !== NO_BLOCK)).toEqual(hits);
      const found = hashes.filter((_, at) => hits[at]).map((name) => model.hit(name, touch));
      addGuards(
        model,
        found,
        handles.filter((handle) => handle !== NO_BLOCK),
      );
    }),
);

const pin = choice.map(
  (which) =>
    new Step(`pin ${which}`, (model, real) => {
      let handle = NO_BLOCK;
      inState(
        pick(model.guards, which),
        ['primary', 'duplicate'],
        (guard) => {
          handle = real.pin(guard.handle);
        },
        ({ block }) => model.pins.push({ handle, block }),
      );
    }),
);

const unpin = choice.map(
  (which) =>
    new Step(`unpin ${which}`, (model, real) => {
      const taken = pick(model.pins, which);
      if (taken === undefined) return;
      real.unpin(taken.handle);
      model.pins.splice(model.pins.indexOf(taken), 1);
      model.deadPins.push(taken.handle);
      model.settle(taken.block);
    }),
);

const setReset = fc.tuple(choice, fc.boolean()).map(
  ([which, reset]) =>
    new Step(`reset on release ${which} ${reset}`, (model, real) => {
      const guard = pick(model.guards, which);
      if (guard === undefined) return;
      real.setResetOnRelease(guard.handle, reset);
      guard.block.resetOnRelease = reset;
    }),
);

const clear = fc.constant(
  new Step('clear', (model, real) => expect(real.clear()).toBe(model.clear())),
);

const stale = choice.map(
  (which) =>
    new Step(`stale ${which}`, (model, real) => {
      const handle = pick(model.deadHandles, which);
      if (handle !== undefined) {
        const twice = expect.objectContaining({ code: 'block_double_release' });
        const late = expect.objectContaining({ code: 'block_use_after_release' });
        expect(() => real.release(handle)).toThrow(twice);
        expect(() => real.fill(handle, 1)).toThrow(late);
        expect(() => real.acquire(handle)).toThrow(late);
      }
      const ended = pick(model.deadPins, which);
      if (ended === undefined) return;
      const twice = expect.objectContaining({ code: 'block_double_release' });
      expect(() => real.unpin(ended)).toThrow(twice);
    }),
);

const commands = [
  allocate,
  fill,
  stage,
  unstage,
  register,
  compute,
  fly,
  fly,
  fly,
  releaseMany,
  releaseMany,
  acquire,
  release,
  release,
  match,
  scan,
  pin,
  unpin,
  setReset,
  clear,
  stale,
];

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
