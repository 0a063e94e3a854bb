import type { HandRow } from '#test/reference/hand-trace.ts';
import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';

const TRACE_BLOCK_SIZES = [2, 4, 4, 6, 8, 16];

/** Most trace blocks of a prompt. */
const LONGEST = 5;

/** The last trace block is whole as often as not, so that whole prompts repeat. */
function promptTokens(draw: Draw, blocks: number, traceBlockSize: number): number {
  const missing = draw.chance(0.5) ? 0 : draw.between(0, traceBlockSize - 1);
  return Math.max(1, blocks * traceBlockSize - missing);
}

/** Ids below 3 a level: prompts share prefixes at several depths, and some repeat. */
const sharedPrompts: Feature = {
  name: 'prompts that share prefixes',
  always: true,
  lay(flight, draw) {
    const traceBlockSize = draw.pick(TRACE_BLOCK_SIZES);
    flight.set('workload.trace_block_size', traceBlockSize);
    const count = draw.between(1, draw.pick([6, 20, 20, 40, 80]));
    const spacingMs = draw.pick([0, 2, 10, 25, 120]);
    let atMs = 0;
    flight.rows = Array.from({ length: count }, (): HandRow => {
      const ids = Array.from({ length: draw.between(1, LONGEST) }, () => draw.between(0, 2));
      atMs += draw.chance(0.4) ? 0 : draw.between(0, spacingMs);
      const input = promptTokens(draw, ids.length, traceBlockSize);
      return { atMs, input, output: draw.between(0, draw.pick([3, 30, 30])), ids };
    });
  },
};

const oneSystemPrompt: Feature = {
  name: 'one long prefix for all',
  lay(flight, draw) {
    const size = flight.number('workload.trace_block_size', 1);
    const prefix = Array.from({ length: draw.between(1, 8) }, (_, level) => 100 + level);
    flight.mapRows((row) => ({
      ...row,
      input: row.input + prefix.length * size,
      ids: [...prefix, ...(row.ids ?? [])],
    }));
  },
};

const uniquePrompts: Feature = {
  name: 'prompts that share nothing',
  weight: 0.5,
  lay(flight) {
    flight.mapRows((row, index) => ({
      ...row,
      ids: (row.ids ?? []).map((id) => 1000 * index + id),
    }));
  },
};

const equalPrompts: Feature = {
  name: 'the same prompt again and again',
  weight: 0.5,
  fits: ({ rows }) => rows.length > 0,
  lay(flight) {
    const { ids = [], input } = flight.rows[0]!;
    flight.mapRows((row) => ({ ...row, ids, input }));
  },
};

export const PROMPT_FEATURES: readonly Feature[] = [
  sharedPrompts,
  uniquePrompts,
  equalPrompts,
  oneSystemPrompt,
];
