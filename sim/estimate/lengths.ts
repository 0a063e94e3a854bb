import type { RandomStream } from '#core/base/random.ts';
import type { Lengths } from './load-point.ts';

/** Draws a length, a whole number of tokens of at least 1. */
export function drawLength(lengths: Lengths, stream: RandomStream): number {
  return Math.max(1, Math.round(drawExact(lengths, stream)));
}

function drawExact(lengths: Lengths, stream: RandomStream): number {
  switch (lengths.kind) {
    case 'fixed':
      return lengths.tokens;
    case 'uniform':
      return lengths.from + (lengths.to - lengths.from) * stream.nextFloat();
    case 'histogram': {
      const { edges, counts } = lengths;
      const total = counts.reduce((sum, each) => sum + each, 0);
      let place = stream.nextFloat() * total;
      let bin = 0;
      while (bin < counts.length - 1 && place >= counts[bin]!) place -= counts[bin++]!;
      return edges[bin]! + (edges[bin + 1]! - edges[bin]!) * stream.nextFloat();
    }
  }
}

/** The mean of what is drawn. */
export function meanLength(lengths: Lengths): number {
  switch (lengths.kind) {
    case 'fixed':
      return lengths.tokens;
    case 'uniform':
      return (lengths.from + lengths.to) / 2;
    case 'histogram': {
      const { edges, counts } = lengths;
      const total = counts.reduce((sum, each) => sum + each, 0);
      const weighted = counts.map((each, bin) => (each * (edges[bin]! + edges[bin + 1]!)) / 2);
      return weighted.reduce((sum, each) => sum + each, 0) / total;
    }
  }
}

/** The most that can be drawn. */
export function longest(lengths: Lengths): number {
  switch (lengths.kind) {
    case 'fixed':
      return lengths.tokens;
    case 'uniform':
      return lengths.to;
    case 'histogram':
      return lengths.edges.at(-1)!;
  }
}
