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

/** Ends and middles of conversations lie about their mean as waiting times do. */
const CONVERSATION_BINS = 16;
const LONGEST_TO_MEAN = 4;

/**
 * Lengths of messages of which only the mean is known: exponential, cut off at four times the mean,
 * which benchmarks on ShareGPT do at 1,024 tokens or so.
 */
export function conversationLengths(mean: number): Lengths {
  const cut = LONGEST_TO_MEAN;
  // The mean of what is left of an exponential that is cut off at `cut` times its scale.
  const scale = mean / (1 - cut / Math.expm1(cut));
  const edges = Array.from(
    { length: CONVERSATION_BINS + 1 },
    (_, bin) => (bin * cut * scale) / CONVERSATION_BINS,
  );
  const above = (tokens: number) => Math.exp(-tokens / scale);
  const counts = edges.slice(1).map((edge, bin) => above(edges[bin]!) - above(edge));
  return { kind: 'histogram', edges, counts };
}
