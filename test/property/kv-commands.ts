import fc from 'fast-check';
import { expect } from 'vitest';
import { NO_BLOCK } from '#core/kv/block-handle.ts';
import {
  addGuards,
  BLOCK_SIZE,
  computeBlock,
  inState,
  PARENT,
  pathTo,
  pick,
  releaseGuard,
  replaceGuard,
  Step,
} from './kv-steps.ts';

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

/** What a walk may do, the likelier the more often it is listed. */
export const commands = [
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
