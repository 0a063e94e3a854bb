import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawSoftmax } from '#core/router/selection/softmax.ts';
import { check } from './check.ts';

const DRAWS = 2000;
const costs = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 });

/** How often each index is drawn by evenly spaced numbers. */
function counts(of: readonly number[], temperature: number): number[] {
  const column = Float64Array.from(of);
  const scratch = new Float64Array(of.length);
  const drawn = of.map(() => 0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const uniform = (draw + 0.5) / DRAWS;
    drawn[drawSoftmax(column, of.length, temperature, uniform, scratch)]!++;
  }
  return drawn;
}

test('a temperature near 0 draws among the least costs only, and evenly', () => {
  check(costs, 100, (of) => {
    const least = Math.min(...of);
    const ties = of.filter((cost) => cost === least).length;
    for (const [index, count] of counts(of, 1e-9).entries()) {
      const expected = of[index] === least ? DRAWS / ties : 0;
      expect(Math.abs(count - expected)).toBeLessThanOrEqual(1);
    }
  });
});

test('a large temperature draws all nearly alike', () => {
  check(costs, 100, (of) => {
    for (const count of counts(of, 1e6)) {
      expect(Math.abs(count - DRAWS / of.length)).toBeLessThanOrEqual(1);
    }
  });
});

test('who costs more is not drawn more often, and less often by a clear margin of cost', () => {
  check(fc.tuple(costs, fc.constantFrom(0.1, 0.5, 1, 3)), 100, ([of, temperature]) => {
    const drawn = counts(of, temperature);
    const span = Math.max(...of) - Math.min(...of);
    for (const [left, cost] of of.entries()) {
      for (const [right, other] of of.entries()) {
        if (cost >= other) continue;
        // Each count is off its share by less than one draw.
        expect(drawn[right]! - drawn[left]!).toBeLessThanOrEqual(2);
        const visible = other - cost >= span / 2 && drawn[left]! > 50;
        if (visible) expect(drawn[right]!).toBeLessThan(drawn[left]!);
      }
    }
  });
});
