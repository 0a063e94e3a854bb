import { expect, test } from 'vitest';
import { WorkerTally } from '../engine/worker-tally.ts';
import { type GuardedCluster, LivelockGuard } from './livelock-guard.ts';

interface World {
  nowNs: number;
  arrived: number;
  ended: number;
  readonly fleet: { encodedItems: number; readonly tallies: [WorkerTally, WorkerTally] };
}

/** Plays instants, each as `step` says, under a guard that looks each hundred. */
function play(instants: number, step: (world: World, instant: number) => void): GuardedCluster {
  const guard = new LivelockGuard(100);
  const world: World = {
    nowNs: 0,
    arrived: 3,
    ended: 0,
    fleet: { encodedItems: 0, tallies: [new WorkerTally(), new WorkerTally()] },
  };
  for (let instant = 1; instant <= instants; instant++) {
    step(world, instant);
    guard.instantPlayed(world);
  }
  return world;
}

function causeOf(step: (world: World, instant: number) => void): unknown {
  try {
    play(1_000, step);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('passes that compute nothing are ended, with the cause and how it stands', () => {
  const error = causeOf((world) => {
    world.nowNs += 5;
    world.fleet.tallies[1].passes++;
  });
  expect(error).toMatchObject({
    code: 'simulation_livelocked',
    message: expect.stringContaining('passes that compute nothing; 3 requests are under way'),
    data: { cause: 'empty_passes', waiting: 3, simulated_ns: 1_000, instants: 100 },
  });
});

test('an instant that is played again and again is ended', () => {
  const error = causeOf((world, instant) => {
    if (instant < 50) world.nowNs++;
  });
  expect(error).toMatchObject({ data: { cause: 'time_stands_still', simulated_ns: 49 } });
});

test('two requests that take each other the blocks away are ended', () => {
  const error = causeOf((world, instant) => {
    world.nowNs++;
    world.fleet.tallies[0].prefillTokens += 8;
    if (instant % 10 === 0) world.fleet.tallies[0].preemptions++;
  });
  expect(error).toMatchObject({ data: { cause: 'recomputing' } });
});

test.each<[string, (world: World, instant: number) => void]>([
  [
    'a token now and then',
    ({ fleet: { tallies } }, at) => (tallies[1].outputTokens += at % 90 === 0 ? 1 : 0),
  ],
  ['a long prompt in small chunks', ({ fleet: { tallies } }) => tallies[0].prefillTokens++],
  ['ends without a token', (world, at) => (world.ended += at % 90 === 0 ? 1 : 0)],
  ['arrivals in a moment of their own', (world) => world.arrived++],
  [
    'preemptions while others decode',
    ({ fleet: { tallies } }) => {
      tallies[0].preemptions++;
      tallies[1].outputTokens++;
    },
  ],
])('a run goes on with %s', (_, step) => {
  expect(() => play(1_000, step)).not.toThrow();
});

test('a run that encodes images gets somewhere', () => {
  const error = causeOf((world) => {
    world.nowNs += 5;
    world.fleet.encodedItems++;
  });
  expect(error).toBeUndefined();
});
