import type fc from 'fast-check';
import { expect } from 'vitest';
import { blockOf } from '#core/kv/block-handle.ts';
import type { BlockManager } from '#core/kv/block-manager.ts';
import type { KvEvent } from '#core/kv/events.ts';
import type { KvModel, ModelBlock, ModelGuard } from '../reference/kv-model.ts';

/** The hash universe: each hash has one parent, as true sequence hashes do. */
export const PARENT = [-1, 0, 1, 2, 0, 4, 5, -1, 7, 8, 1, 3] as const;
export const BLOCK_SIZE = 4;

type Command = fc.Command<KvModel, BlockManager>;

/** A step of the walk: what it does to both, and a name for the counterexample. */
export class Step implements Command {
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
export function pathTo(leaf: number): number[] {
  const path = [leaf];
  while (PARENT[path[0]!]! >= 0) path.unshift(PARENT[path[0]!]!);
  return path;
}

/** Some guard, or none while there is none. */
export function pick<T>(list: readonly T[], choice: number): T | undefined {
  return list[choice % Math.max(1, list.length)];
}

export function addGuards(
  model: KvModel,
  blocks: readonly ModelBlock[],
  handles: readonly number[],
) {
  expect(handles.map(blockOf)).toEqual(blocks.map((block) => block.id));
  for (const [at, block] of blocks.entries()) model.guards.push({ handle: handles[at]!, block });
}

function dropGuard(model: KvModel, guard: ModelGuard): void {
  model.guards.splice(model.guards.indexOf(guard), 1);
  if (model.guards.every((other) => other.handle !== guard.handle)) {
    model.deadHandles.push(guard.handle);
  }
}

export function releaseGuard(model: KvModel, real: BlockManager, guard: ModelGuard): void {
  real.release(guard.handle);
  dropGuard(model, guard);
  model.settle(guard.block);
}

export function computeBlock(
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
export function replaceGuard(model: KvModel, guard: ModelGuard, kept: number): ModelGuard {
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
export function inState(
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
