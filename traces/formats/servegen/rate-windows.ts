import { InputError } from '#core/base/errors.ts';
import { readCell } from '../csv.ts';
import { type LinePlace, type NumberRange, SECONDS } from '../fields.ts';

/** How the gaps between the arrivals of a window are distributed. */
export type GapFamily = 'gamma' | 'weibull';

/** A recorded arrival rate over a span of time. */
export interface RateWindow {
  /** Seconds since the recording began. */
  readonly startS: number;
  /** Until the next window begins; the last one lasts as long as the one before. */
  readonly durationS: number;
  /** Mean arrivals per second; 0 = none came. */
  readonly ratePerS: number;
  /** Standard deviation of the gaps over their mean; absent where nothing arrived. */
  readonly cv?: number;
  /** The distribution that fits the gaps, with shape (no unit) and scale (s); absent in totals. */
  readonly family?: GapFamily;
  readonly shape?: number;
  readonly scaleS?: number;
}

/** The header of a curve that is the sum over clients. */
export const TOTAL_RATE_HEADER = 'window_start_s,total_rate_rps,active_clients,rate_weighted_cv';
const TOTAL_CELLS = 4;
const CLIENT_CELLS = 6;
const CLIENT_SHAPE = 'start s, requests/s, CV, family, shape, scale';
const FAMILIES: ReadonlyMap<string, GapFamily> = new Map([
  ['Gamma', 'gamma'],
  ['Weibull', 'weibull'],
]);

const NOT_NEGATIVE: NumberRange = {
  integer: false,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  allowed: 'a number from 0',
};

type WindowStart = Omit<RateWindow, 'durationS'>;

/**
 * Takes the lines of a rate file in order: a total with its header, or one client of ServeGen, which
 * has none. `windows` gives what was read once the lines have ended.
 */
export class RateWindowReader {
  readonly #file: string;
  readonly #starts: WindowStart[] = [];
  #total: boolean | undefined;

  /** @param file named in errors. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Reads a line without its line end; throws an InputError that names file, line and cell. */
  readLine(text: string, line: number): void {
    const place: LinePlace = { file: this.#file, line };
    if (this.#total === undefined) {
      this.#total = text.startsWith('window_start_s');
      if (this.#total) {
        checkHeader(text, place);
        return;
      }
    }
    const start = this.#total ? readTotal(text, place) : readClient(text, place);
    const before = this.#starts.at(-1);
    if (before !== undefined && start.startS <= before.startS) {
      throw new InputError('trace_unordered', 'time does not go on', {
        ...place,
        path: 'start',
        received: `${start.startS} after ${before.startS}`,
        remedy: 'sort the windows by their start, each of them once',
      });
    }
    this.#starts.push(start);
  }

  /** The windows in order; throws an InputError when there are fewer than two. */
  windows(): RateWindow[] {
    const starts = this.#starts;
    if (starts.length < 2) {
      throw new InputError('trace_invalid', 'a rate needs at least two windows', {
        file: this.#file,
        received: starts.length,
        remedy: 'the distance of two starts says how long a window is',
      });
    }
    return starts.map((start, index) => {
      const at = Math.min(index, starts.length - 2);
      return { ...start, durationS: starts[at + 1]!.startS - starts[at]!.startS };
    });
  }
}

function checkHeader(text: string, place: LinePlace): void {
  if (text.trim() === TOTAL_RATE_HEADER) return;
  throw new InputError('trace_invalid', 'not the header of a rate file', {
    ...place,
    received: text.slice(0, 200),
    allowed: TOTAL_RATE_HEADER,
  });
}

function readTotal(text: string, place: LinePlace): WindowStart {
  const cells = cut(text, TOTAL_CELLS, TOTAL_RATE_HEADER, place);
  const ratePerS = readCell(cells[1]!, 'total_rate_rps', NOT_NEGATIVE, place);
  const cv = readCell(cells[3]!, 'rate_weighted_cv', NOT_NEGATIVE, place);
  return {
    startS: readCell(cells[0]!, 'window_start_s', SECONDS, place),
    ratePerS,
    ...(ratePerS > 0 && cv > 0 ? { cv } : {}),
  };
}

function readClient(text: string, place: LinePlace): WindowStart {
  const cells = cut(text, CLIENT_CELLS, CLIENT_SHAPE, place);
  const startS = readCell(cells[0]!, 'start', SECONDS, place);
  const ratePerS = readCell(cells[1]!, 'rate', NOT_NEGATIVE, place);
  const cv = readCell(cells[2]!, 'CV', NOT_NEGATIVE, place);
  const name = cells[3]!.trim();
  if (name === '') return { startS, ratePerS, ...(ratePerS > 0 && cv > 0 ? { cv } : {}) };
  const family = FAMILIES.get(name);
  if (family === undefined) {
    throw new InputError('trace_invalid', 'not a known family of gaps', {
      ...place,
      path: 'family',
      received: name,
      allowed: `${[...FAMILIES.keys()].join(', ')}, or nothing`,
    });
  }
  const shape = readCell(cells[4]!, 'shape', NOT_NEGATIVE, place);
  const scaleS = readCell(cells[5]!, 'scale', NOT_NEGATIVE, place);
  if (shape === 0 || scaleS === 0) {
    throw new InputError('trace_invalid', 'a family needs a shape and a scale above 0', {
      ...place,
      received: text.slice(0, 200),
    });
  }
  return { startS, ratePerS, cv, family, shape, scaleS };
}

function cut(text: string, count: number, shape: string, place: LinePlace): readonly string[] {
  const cells = text.split(',');
  if (cells.length === count) return cells;
  throw new InputError('trace_invalid', `the row has ${cells.length} cells, expected ${count}`, {
    ...place,
    received: text.slice(0, 200),
    allowed: shape,
    remedy: 'is the file cut off, or of another kind?',
  });
}
