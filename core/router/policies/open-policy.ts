import { assert } from '#core/base/assert.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { Fleet } from '../fleet.ts';
import type { RouterOptions } from '../options.ts';
import type { ActiveSequences } from '../sequences/active-sequences.ts';
import { LeastLoadedPolicy } from './least-loaded/least-loaded.ts';
import { PowerOfTwoPolicy } from './power-of-two/power-of-two.ts';
import { RandomPolicy } from './random/random.ts';
import { RoundRobinPolicy } from './round-robin/round-robin.ts';
import type { RoutingPolicy } from './routing-policy.ts';

/** The policy of a mode that looks at no prefix. */
export function openPrefixBlindPolicy(
  options: RouterOptions,
  fleet: Fleet,
  sequences: ActiveSequences,
  stream: RandomStream,
): RoutingPolicy {
  switch (options.mode) {
    case 'round_robin':
      return new RoundRobinPolicy(fleet);
    case 'random':
      return new RandomPolicy(fleet, stream);
    case 'power_of_two':
      return new PowerOfTwoPolicy(fleet, sequences, stream);
    default:
      assert(options.mode === 'least_loaded', `no policy for mode ${options.mode}`);
      return new LeastLoadedPolicy(sequences, stream);
  }
}
