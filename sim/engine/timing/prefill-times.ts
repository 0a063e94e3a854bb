import type { ResolvedConfig } from '#core/config/schema.ts';
import type {
  PrefillPiece,
  PrefillTimes,
} from '#core/router/sequences/prefill-load/timing/timing.ts';
import { openModel } from './open-model.ts';
import { PREFILL_POLYNOMIAL } from './polynomial.ts';
import type { TimingTable } from './table.ts';
import { PassShape } from './timing-model.ts';

/** The last piece goes on beyond this; plain data cannot say Infinity. */
const NO_END = Number.MAX_SAFE_INTEGER;

/**
 * What the engine's timing says of one prompt alone in a pass, as the plain numbers that a router can
 * be given. Follows the models of this folder, which tests hold it against; a modelled GPU is read off
 * at powers of √2, and what a cached token costs at one place.
 */
export function prefillTimes(config: ResolvedConfig): PrefillTimes {
  const { pieces, perPrefixTokenMs } = bareTimes(config);
  const speed = config.engine.speedup_ratio;
  const scaled = pieces.map(({ upTo, c0, c1, c2 }) => ({
    upTo,
    c0: c0 / speed,
    c1: c1 / speed,
    c2: c2 / speed,
  }));
  return { pieces: scaled, perPrefixTokenMs: perPrefixTokenMs / speed };
}

function bareTimes(config: ResolvedConfig): PrefillTimes {
  const { timing } = config.engine;
  switch (timing.type) {
    case 'polynomial':
      return { pieces: [{ upTo: NO_END, ...PREFILL_POLYNOMIAL }], perPrefixTokenMs: 0 };
    case 'fixed':
      return {
        pieces: [{ upTo: NO_END, c0: timing.prefill_ms, c1: 0, c2: 0 }],
        perPrefixTokenMs: 0,
      };
    case 'linear': {
      const { base_ms, per_prefill_token_ms, per_prefill_context_token_ms } = timing;
      return {
        pieces: [{ upTo: NO_END, c0: base_ms, c1: per_prefill_token_ms, c2: 0 }],
        perPrefixTokenMs: per_prefill_context_token_ms,
      };
    }
    case 'table':
      return { pieces: tablePieces(timing.prefill), perPrefixTokenMs: 0 };
    case 'model':
      return modelTimes(config);
  }
}

/** Prompts are read off up to 2^(KNOTS/2) tokens; the last line goes on. */
const KNOTS = 36;

/** Where what a cached token costs is read off: a chunk that many tokens of which lie before. */
const CHUNK = 1024;
const PREFIX = 8192;

function modelTimes(config: ResolvedConfig): PrefillTimes {
  const model = openModel(config);
  const msOf = (tokens: number, prefix = 0): number => {
    const shape = new PassShape();
    shape.addPrefill(tokens, prefix);
    shape.otherTokens = 0;
    return model.prefillMs(shape);
  };
  const sizes = Array.from({ length: KNOTS + 1 }, (_, knot) => Math.round(2 ** (knot / 2)));
  const rows = [...new Set(sizes)].map((tokens): [number, number] => [tokens, msOf(tokens)]);
  const perPrefixTokenMs = (msOf(CHUNK, PREFIX) - msOf(CHUNK)) / PREFIX;
  return { pieces: tablePieces(rows), perPrefixTokenMs };
}

/** The first value up to the first row, then straight lines, the last of which goes on. */
function tablePieces(table: TimingTable): PrefillPiece[] {
  const pieces = [{ upTo: table[0]![0], c0: table[0]![1], c1: 0, c2: 0 }];
  for (let row = 1; row < table.length; row++) {
    const [fromTokens, fromMs] = table[row - 1]!;
    const [toTokens, toMs] = table[row]!;
    const slope = (toMs - fromMs) / (toTokens - fromTokens);
    const upTo = row === table.length - 1 ? NO_END : toTokens;
    pieces.push({ upTo, c0: fromMs - slope * fromTokens, c1: slope, c2: 0 });
  }
  return pieces;
}
