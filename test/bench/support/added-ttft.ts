import { openStream } from '#core/base/random.ts';
import type { ServeCluster } from './serve-cluster.ts';
import { openLoop, percentile, StreamClient } from './stream-load.ts';

const PROMPT_TOKENS = 2_000;
const SHARED_TOKENS = 1_600;
const FAMILIES = 64;
const OUTPUT_TOKENS = 4;
/** Different prompts that are ready before the time is taken; more would only fill memory. */
const PROMPTS = 2_048;
const SLICE_S = 1;
/** A rate is kept up where no more is under way at the end of a slice than arrives in so long. */
const BACKLOG_S = 0.1;

/** What one rate showed: direct and through the router, in slices that take turns. */
export interface RateFigures {
  readonly ratePerS: number;
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly direct: { readonly p50: number; readonly p99: number };
  readonly through: { readonly p50: number; readonly p99: number };
  /** Medians over the pairs of slices of how much later the percentile is through the router. */
  readonly added: { readonly p50: number; readonly p99: number };
  /** Whether what came also left, in every slice through the router. */
  readonly isSustained: boolean;
  /** Processor time a request, ms; NaN where the system does not tell. */
  readonly routerCpuMs: number;
  readonly enginesCpuMs: number;
  readonly loadCpuMs: number;
}

/** Measures what the router adds to the time to the first token. */
export class AddedTtft {
  readonly #cluster: ServeCluster;
  readonly #router: StreamClient;
  readonly #engines: readonly StreamClient[];
  readonly #prompts: readonly Buffer[];
  #next = 0;

  constructor(cluster: ServeCluster) {
    this.#cluster = cluster;
    this.#router = new StreamClient(cluster.router);
    this.#engines = cluster.engines.map((url) => new StreamClient(url));
    const bodies = drawPrompts();
    this.#prompts = bodies.map((body) => this.#router.request(body));
  }

  /** Fills caches and lets the code be compiled. */
  async warmUp(ratePerS: number, seconds: number): Promise<void> {
    await this.#slice('through', ratePerS, seconds);
    await this.#slice('direct', ratePerS, seconds);
  }

  /** `pairs` slices of one second direct and as many through the router, in the order ABBA. */
  async at(ratePerS: number, pairs: number): Promise<RateFigures> {
    const slices: Record<Way, number[][]> = { direct: [], through: [] };
    let isSustained = true;
    const cpu = { router: 0, engines: 0, load: 0 };
    for (let pair = 0; pair < pairs; pair++) {
      for (const way of pair % 2 === 0 ? WAYS : BACKWARDS) {
        const before = this.#cpuMs();
        const { ttfts, backlog } = await this.#slice(way, ratePerS, SLICE_S);
        slices[way].push(ttfts);
        if (way === 'direct') continue;
        const after = this.#cpuMs();
        cpu.router += after.router - before.router;
        cpu.engines += after.engines - before.engines;
        cpu.load += after.load - before.load;
        isSustained &&= backlog <= Math.max(2, ratePerS * BACKLOG_S);
      }
    }
    const requests = slices.through.flat().length;
    const all = [...slices.direct, ...slices.through].flat();
    const added = (share: number): number =>
      percentile(
        slices.through.map(
          (ttfts, pair) =>
            percentile(well(ttfts), share) - percentile(well(slices.direct[pair]!), share),
        ),
        0.5,
      );
    const of = (way: Way): { p50: number; p99: number } => {
      const ttfts = well(slices[way].flat());
      return { p50: percentile(ttfts, 0.5), p99: percentile(ttfts, 0.99) };
    };
    return {
      ratePerS,
      requests,
      failed: all.length - well(all).length,
      direct: of('direct'),
      through: of('through'),
      added: { p50: added(0.5), p99: added(0.99) },
      isSustained,
      routerCpuMs: cpu.router / requests,
      enginesCpuMs: cpu.engines / requests,
      loadCpuMs: cpu.load / requests,
    };
  }

  close(): void {
    for (const client of [this.#router, ...this.#engines]) client.close();
  }

  async #slice(
    way: Way,
    ratePerS: number,
    seconds: number,
  ): Promise<{ readonly ttfts: number[]; readonly backlog: number }> {
    const ttfts: number[] = [];
    const backlog = await openLoop(ratePerS, seconds, async () => {
      const at = this.#next++;
      // Past the router a family keeps to its engine, as it does behind it.
      const engine = this.#engines[(at % FAMILIES) % this.#engines.length]!;
      const client = way === 'direct' ? engine : this.#router;
      const { ttftMs } = await client.send(this.#prompts[at % PROMPTS]!);
      ttfts.push(ttftMs);
    });
    return { ttfts, backlog };
  }

  #cpuMs(): { readonly router: number; readonly engines: number; readonly load: number } {
    const { user, system } = process.cpuUsage();
    return {
      router: this.#cluster.routerCpuMs() ?? Number.NaN,
      engines: this.#cluster.enginesCpuMs() ?? Number.NaN,
      load: (user + system) / 1_000,
    };
  }
}

type Way = 'direct' | 'through';
const WAYS: readonly Way[] = ['direct', 'through'];
const BACKWARDS: readonly Way[] = ['through', 'direct'];

function well(ttfts: readonly number[]): readonly number[] {
  return ttfts.filter((ms) => ms >= 0);
}

/** Prompts of families that share four fifths of their tokens; each ends on its own. */
function drawPrompts(): readonly string[] {
  const stream = openStream(42, 'bench/serve/prompts');
  const token = (): number => 300 + stream.nextBelow(100_000);
  const beginnings = Array.from({ length: FAMILIES }, () =>
    Array.from({ length: SHARED_TOKENS }, token).join(','),
  );
  return Array.from({ length: PROMPTS }, (_, at) => {
    const rest = Array.from({ length: PROMPT_TOKENS - SHARED_TOKENS }, token).join(',');
    return `{"model":"tiny","prompt":[${beginnings[at % FAMILIES]},${rest}],"max_tokens":${OUTPUT_TOKENS},"stream":true}`;
  });
}
