import type { Ns } from '#core/base/time.ts';
import { wholeNs } from '../timing/whole-ns.ts';
import type { RankState } from './rank-state.ts';

/** How long a single pass takes a rank; its parts are rounded apart. */
export function passDurationNs({ shape, engine }: RankState): Ns {
  const { timing } = engine;
  const decodeMs = timing.decodeMs(shape.decodeRequests, shape.decodeContextTokens);
  return wholeNs(timing.prefillMs(shape)) + wholeNs(decodeMs);
}
