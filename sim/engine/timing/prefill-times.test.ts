import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { timedPrefill } from '#core/router/sequences/prefill-load/timing/timing.ts';
import { timings } from '#test/property/random-flight.ts';
import { compatSwitches } from '../../cluster/compat.ts';
import { openTiming } from './open-timing.ts';
import { prefillTimes } from './prefill-times.ts';
import { PassShape } from './timing-model.ts';

test.each(Object.keys(timings))('the numbers of %s say what the model says', (type) => {
  for (const speedup_ratio of [1, 2.5]) {
    const config = resolveConfig({ engine: { timing: timings[type], speedup_ratio } });
    const expected = openTiming(config, compatSwitches('none'));
    const predicted = timedPrefill(prefillTimes(config));
    for (const [tokens, prefix] of [
      [1, 0],
      [4, 0],
      [5, 16],
      [20, 3],
      [61, 0],
      [5000, 700],
    ] as const) {
      const shape = new PassShape();
      shape.addPrefill(tokens, prefix);
      // To the nanosecond that rounding once or twice may differ by.
      expect(Math.abs(predicted(tokens, prefix) - expected.prefillMs(shape) * 1e6)).toBeLessThan(1);
    }
  }
});
