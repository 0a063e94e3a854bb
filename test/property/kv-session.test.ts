import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventFrame } from '#live/events/session/frame.ts';
import {
  KvSession,
  type ReplayRequest,
  type SessionSink,
} from '#live/events/session/kv-session.ts';
import { SESSION_DEFAULTS } from '#live/events/session/session-options.ts';
import { check } from './check.ts';

const BLOCKS = 6;
const CLEAR = 255;
const SECOND = 1e9;
/** More than a session needs to come to rest in. */
const TURNS = 400;

/** An engine that stores and removes blocks, remembers its last batches, and begins anew now and then. */
class ModelEngine {
  readonly held = new Set<number>();
  #ring: EventFrame[] = [];
  #sequence = 0;
  #life = 1;
  readonly #remembered: number;

  constructor(remembered: number) {
    this.#remembered = remembered;
  }

  publish(operation: number, block: number): EventFrame {
    if (operation === CLEAR) this.held.clear();
    else if (operation === 1) this.held.add(block);
    else this.held.delete(block);
    const payload = Uint8Array.of(this.#life, this.#sequence % 256, operation, block);
    const frame = { sequence: this.#sequence++, publisher: '', payload };
    this.#ring.push(frame);
    this.#ring = this.#ring.slice(-this.#remembered);
    return frame;
  }

  replay(from: number): readonly EventFrame[] {
    return this.#ring.filter(({ sequence }) => sequence >= from);
  }

  restart(): void {
    this.held.clear();
    this.#ring = [];
    this.#sequence = 0;
    this.#life++;
  }
}

/** What the session believes. */
class ModelIndex implements SessionSink {
  readonly held = new Set<number>();

  batch(payload: Uint8Array): 'applied' | 'cleared' {
    const [, , operation, block] = payload;
    if (operation === CLEAR) {
      this.held.clear();
      return 'cleared';
    }
    if (operation === 1) this.held.add(block!);
    else this.held.delete(block!);
    return 'applied';
  }

  forget(): void {
    this.held.clear();
  }

  restart(): void {
    this.held.clear();
  }
}

/** An engine, a lossy network and a session, moved step by step. */
class Scene {
  readonly engine: ModelEngine;
  readonly index = new ModelIndex();
  readonly session: KvSession;
  nowNs = 0;
  #wire: EventFrame[] = [];
  #linked = false;
  #request: ReplayRequest | undefined;

  constructor(remembered: number, replays: boolean) {
    this.engine = new ModelEngine(remembered);
    const options = { ...SESSION_DEFAULTS, replays, remembered: 8, overlap: 3, attemptsMax: 3 };
    this.session = new KvSession({ ...options, waitingFramesMax: 12 }, this.index);
  }

  publish(operation: number, block: number): void {
    const frame = this.engine.publish(operation, block);
    if (this.#linked) this.#wire.push(frame);
  }

  deliver(): void {
    const frame = this.#wire.shift();
    if (frame !== undefined) this.session.live(frame, this.nowNs);
  }

  drop(): void {
    this.#wire.shift();
  }

  duplicate(): void {
    if (this.#wire[0] !== undefined) this.#wire.splice(1, 0, this.#wire[0]);
  }

  swap(): void {
    const [first, second] = this.#wire;
    if (first !== undefined && second !== undefined) this.#wire.splice(0, 2, second, first);
  }

  link(): void {
    if (this.#linked) return;
    this.#linked = true;
    this.session.linkUp(this.nowNs);
  }

  unlink(): void {
    this.#linked = false;
    this.#wire = [];
    this.session.linkDown();
  }

  /** Answers the replay that is asked for, without the frames that `isLost` names, or not to its end. */
  answer(isLost: (place: number) => boolean, ends: boolean): void {
    this.#request = this.session.takeRequest() ?? this.#request;
    const request = this.#request;
    if (request === undefined || !this.#linked) return;
    this.#request = undefined;
    for (const [place, frame] of this.engine.replay(request.from).entries()) {
      if (!isLost(place)) this.session.replayed(request.id, frame, this.nowNs);
    }
    if (ends) this.session.replayEnded(request.id, this.nowNs);
  }

  wait(ns: number): void {
    this.nowNs += ns;
    this.session.tick(this.nowNs);
  }

  /** The network loses nothing from here on, and time passes until nothing is waited for. */
  settle(): void {
    this.link();
    const untilNs = this.nowNs + 4000 * SECOND;
    for (let turn = 0; this.nowNs < untilNs && turn < TURNS; turn++) {
      while (this.#wire.length > 0) this.deliver();
      this.answer(() => false, true);
      this.wait(1 + Math.max(0, (this.session.nextWakeupNs() ?? untilNs) - this.nowNs));
    }
    this.answer(() => false, true);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('publish'), fc.constantFrom(0, 1, 1, 1, CLEAR)) },
  { weight: 6, arbitrary: fc.constant(['deliver'] as const) },
  { weight: 2, arbitrary: fc.constantFrom(['drop'] as const, ['duplicate'] as const) },
  { weight: 1, arbitrary: fc.constantFrom(['swap'] as const, ['unlink'] as const) },
  { weight: 2, arbitrary: fc.constant(['link'] as const) },
  { weight: 1, arbitrary: fc.constant(['restart'] as const) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('answer'), fc.nat(3)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('wait'), fc.constantFrom(1e6, 3e8, 3e9, 6e10)) },
);

const steps = fc.array(fc.tuple(step, fc.nat(BLOCKS - 1)), { maxLength: 60, size: 'max' });
const remembered = fc.constantFrom(3, 10, 1000);

type Step = readonly [string, number?];

function move(scene: Scene, [name, value = 0]: Step, block: number): void {
  if (name === 'publish') scene.publish(value, block);
  else if (name === 'answer')
    scene.answer((place) => value > 1 && place % value === 1, value !== 1);
  else if (name === 'wait') scene.wait(value);
  else if (name === 'restart') {
    scene.unlink();
    scene.engine.restart();
  } else if (name === 'deliver') scene.deliver();
  else if (name === 'drop') scene.drop();
  else if (name === 'duplicate') scene.duplicate();
  else if (name === 'swap') scene.swap();
  else if (name === 'link') scene.link();
  else scene.unlink();
}

test('what a session believes in the end is what the engine holds, or a part that is called one', () => {
  check(fc.tuple(steps, remembered), 800, ([moves, depth]) => {
    const scene = new Scene(depth, true);
    for (const [named, block] of moves) move(scene, named as Step, block);
    scene.settle();
    const { session, index, engine } = scene;
    if (session.state === 'exact') {
      expect([...index.held].sort()).toEqual([...engine.held].sort());
    } else {
      expect([session.state, session.lack]).toEqual(['degraded', 'history_evicted']);
      expect([...index.held].filter((block) => !engine.held.has(block))).toEqual([]);
    }
  });
});

test('with a history that is never too short a session always ends up exact', () => {
  check(steps, 300, (moves) => {
    const scene = new Scene(1000, true);
    for (const [named, block] of moves) move(scene, named as Step, block);
    scene.settle();
    expect(scene.session.state).toBe('exact');
    expect([...scene.index.held].sort()).toEqual([...scene.engine.held].sort());
  });
});

test('without a replay socket what is missed is called so, and the rest is no more than is held', () => {
  check(steps, 500, (moves) => {
    const scene = new Scene(10, false);
    for (const [named, block] of moves) move(scene, named as Step, block);
    scene.link();
    // The numbers of one more batch show whether the last ones were lost.
    scene.publish(0, 0);
    scene.settle();
    const { session, index, engine } = scene;
    expect(['unverified', 'degraded']).toContain(session.state);
    expect([...index.held].filter((block) => !engine.held.has(block))).toEqual([]);
    if (session.state === 'unverified') {
      expect([...index.held].sort()).toEqual([...engine.held].sort());
    }
  });
});
