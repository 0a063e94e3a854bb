import type { HandPredecessor, HandRow } from '#test/reference/hand-trace.ts';
import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';

function predecessors(draw: Draw, index: number): HandPredecessor[] {
  const names = Array.from({ length: draw.between(1, 3) }, () => draw.between(0, index - 1));
  return [...new Set(names)].map((name) => ({
    name: `r${name}`,
    delayMs: draw.between(0, 20),
    start: draw.chance(0.3),
  }));
}

/** Agents that wait for what they have started. */
const requestGraph: Feature = {
  name: 'requests that wait for others',
  fits: ({ resendsOutput }) => !resendsOutput,
  lay(flight, draw) {
    const share = draw.pick([0.2, 0.6, 0.95]);
    flight.mapRows(({ session: _, delayMs: __, ...row }, index): HandRow => {
      const named = { ...row, name: `r${index}` };
      if (index === 0 || !draw.chance(share)) return { ...named, after: [] };
      const { atMs, ...waiting } = named;
      return { ...waiting, after: predecessors(draw, index), ...(draw.chance(0.5) && { atMs }) };
    });
  },
};

export const GRAPH_FEATURES: readonly Feature[] = [requestGraph];
