import { openStream } from '#core/base/random.ts';
import { closedLoop, openLoop, percentile, StreamClient } from './stream-load.ts';

const PROMPT_TOKENS = 2_000;
const SHARED_TOKENS = 1_600;
const FAMILIES = 64;
const OUTPUT_TOKENS = 4;
/** Different prompts that are ready before the time is taken; more would only fill memory. */
const PROMPTS = 2_048;
/** As large as those of today's models. */
const VOCABULARY = 128_000;
const SLICE_S = 1;
/** A rate is kept up where no more is under way at the end of a slice than arrives in so long. */
const BACKLOG_S = 0.1;

/** Where requests can go. */
export interface Way {
  readonly name: string;
  /** Prompts that begin alike go to the same one of several. */
  readonly urls: readonly string[];
  /** Processor time so far of those who serve there, ms, by who; NaN where the system does not tell. */
  readonly cpuMs: () => Readonly<Record<string, number>>;
}

/** What one way showed at one rate. */
export interface WayFigures {
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
  /** Of the TTFT, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Whether what came also left, in every slice. */
  readonly keptUp: boolean;
  /** Processor time a request, ms, by who, and `load` for the client here. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

export interface RateFigures {
  readonly ratePerS: number;
  readonly ways: readonly [WayFigures, WayFigures];
  /** Medians over the pairs of slices of how much later a percentile is on the second way, ms. */
  readonly added: { readonly p50: number; readonly p99: number };
}

interface OpenWay extends Way {
  readonly clients: readonly StreamClient[];
}

interface Slice {
  readonly ttfts: readonly number[];
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly keptUp: boolean;
}

/**
 * The same load on two ways in turns, a second each, in the order ABBA: whatever else the machine has
 * to do meets both alike.
 */
export class PairedLoad {
  readonly #ways: readonly [OpenWay, OpenWay];
  readonly #bodies: readonly string[];
  #next = 0;

  /** Token ids of prompts lie below `vocabulary`. */
  constructor(first: Way, second: Way, vocabulary = VOCABULARY) {
    this.#bodies = drawPrompts(vocabulary);
    const [one, other] = [first, second].map((way) => ({
      ...way,
      clients: way.urls.map((url) => new StreamClient(url)),
    }));
    this.#ways = [one!, other!];
  }

  /** Fills caches and lets the code be compiled. */
  async warmUp(ratePerS: number, seconds: number): Promise<void> {
    for (const way of this.#ways) await this.#openSlice(way, ratePerS, seconds);
  }

  /** So many pairs of slices, open loop at this rate. */
  async at(ratePerS: number, pairs: number): Promise<RateFigures> {
    const slices: [Slice[], Slice[]] = [[], []];
    for (let pair = 0; pair < pairs; pair++) {
      for (const way of orderOf(pair)) {
        slices[way].push(await this.#openSlice(this.#ways[way], ratePerS, SLICE_S));
      }
    }
    const [first, second] = slices;
    const added = (share: number): number => {
      const of = ({ ttfts }: Slice): number => percentile(well(ttfts), share);
      return percentile(
        second.map((slice, pair) => of(slice) - of(first[pair]!)),
        0.5,
      );
    };
    const ways = [figuresOf(this.#ways[0], first), figuresOf(this.#ways[1], second)] as const;
    return { ratePerS, ways, added: { p50: added(0.5), p99: added(0.99) } };
  }

  /** Answers a second of each way when so many clients ask again as soon as they have theirs: medians. */
  async throughput(clients: number, pairs: number): Promise<readonly [number, number]> {
    const rates: [number[], number[]] = [[], []];
    for (let pair = 0; pair < pairs; pair++) {
      for (const way of orderOf(pair)) {
        const send = (): Promise<boolean> =>
          this.#send(this.#ways[way]).then(({ ttftMs }) => ttftMs >= 0);
        rates[way].push(await closedLoop(clients, SLICE_S, send));
      }
    }
    return [percentile(rates[0], 0.5), percentile(rates[1], 0.5)];
  }

  close(): void {
    for (const client of this.#ways.flatMap(({ clients }) => clients)) client.close();
  }

  async #openSlice(way: OpenWay, ratePerS: number, seconds: number): Promise<Slice> {
    const ttfts: number[] = [];
    const before = cpuOf(way);
    const backlog = await openLoop(ratePerS, seconds, async () => {
      ttfts.push((await this.#send(way)).ttftMs);
    });
    const after = cpuOf(way);
    const cpuMs = Object.fromEntries(
      Object.entries(after).map(([who, ms]) => [who, ms - before[who]!]),
    );
    return { ttfts, cpuMs, keptUp: backlog <= Math.max(2, ratePerS * BACKLOG_S) };
  }

  #send({ clients }: OpenWay): ReturnType<StreamClient['send']> {
    const at = this.#next++;
    const client = clients[(at % FAMILIES) % clients.length]!;
    return client.send(this.#bodies[at % PROMPTS]!);
  }
}

function orderOf(pair: number): readonly (0 | 1)[] {
  return pair % 2 === 0 ? [0, 1] : [1, 0];
}

function cpuOf({ cpuMs }: Way): Readonly<Record<string, number>> {
  const { user, system } = process.cpuUsage();
  return { ...cpuMs(), load: (user + system) / 1_000 };
}

function figuresOf({ name }: Way, slices: readonly Slice[]): WayFigures {
  const all = slices.flatMap(({ ttfts }) => ttfts);
  const good = well(all);
  const sumOf = (who: string): number => slices.reduce((sum, { cpuMs }) => sum + cpuMs[who]!, 0);
  const cpuMs = Object.keys(slices[0]!.cpuMs).map((who) => [who, sumOf(who) / all.length]);
  return {
    name,
    requests: all.length,
    failed: all.length - good.length,
    p50: percentile(good, 0.5),
    p99: percentile(good, 0.99),
    keptUp: slices.every(({ keptUp }) => keptUp),
    cpuMs: Object.fromEntries(cpuMs) as Record<string, number>,
  };
}

function well(ttfts: readonly number[]): readonly number[] {
  return ttfts.filter((ms) => ms >= 0);
}

/** Prompts of families that share four fifths of their tokens; each ends on its own. */
function drawPrompts(vocabulary: number): readonly string[] {
  const stream = openStream(42, 'bench/serve/prompts');
  const token = (): number => 300 + stream.nextBelow(vocabulary - 300);
  const beginnings = Array.from({ length: FAMILIES }, () =>
    Array.from({ length: SHARED_TOKENS }, token).join(','),
  );
  return Array.from({ length: PROMPTS }, (_, at) => {
    const rest = Array.from({ length: PROMPT_TOKENS - SHARED_TOKENS }, token).join(',');
    return `{"model":"tiny","prompt":[${beginnings[at % FAMILIES]},${rest}],"max_tokens":${OUTPUT_TOKENS},"stream":true}`;
  });
}
