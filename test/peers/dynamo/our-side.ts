import type { Candidate } from '#core/router/candidate.ts';
import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { startClock } from '#live/clock.ts';
import { type KvEventFeeds, startKvEvents } from '#live/events/start-kv-events.ts';
import type { Placement } from '#live/routing/route-ask.ts';
import { type RankStatus, statusOf } from '#live/routing/serve-status.ts';
import { askOf, NEVER, openTestRouter, type TestRouter } from '#test/support/live-router.ts';
import type { OracleEngine } from './oracle-engine.ts';
import { BLOCK_SIZE } from './oracle-prompts.ts';

/** What the router considered for a request, and where it went. */
export interface OurChoice {
  readonly worker: number;
  readonly candidates: readonly Candidate[];
  readonly placement: Placement;
}

/** The live router on the sockets of the engines: worker n of Dynamo is target n − 1 here. */
export class OurSide {
  readonly #opened: TestRouter;
  readonly #feeds: KvEventFeeds;

  private constructor(opened: TestRouter, feeds: KvEventFeeds) {
    this.#opened = opened;
    this.#feeds = feeds;
  }

  static async open(engines: readonly OracleEngine[]): Promise<OurSide> {
    const entries = engines.map(({ worker, publisher }) => ({
      ...{ name: `w${worker}`, url: `http://w${worker}`, kv_events: publisher.address },
    }));
    const router = { mode: 'kv_router', router_track_output_blocks: true };
    const opened = openTestRouter(JSON.stringify({ engines: entries, router }));
    const feeds = await startKvEvents({
      engines: engines.map(({ worker, publisher }) => ({
        name: `w${worker}`,
        target: worker - 1,
        dpSize: 1,
        blockSize: BLOCK_SIZE,
        kvEvents: publisher.address,
        kvReplay: publisher.replayAddress,
      })),
      facts: opened.router.blocks,
      clock: startClock(),
    });
    return new OurSide(opened, feeds);
  }

  /** Everything that the engines have said is known. */
  get isExact(): boolean {
    return this.#feeds.status().every(({ state }) => state === 'exact');
  }

  /** Load by worker. */
  get loads(): readonly RankStatus[] {
    const { engines } = statusOf(this.#opened.router, 0);
    return engines.map(({ ranks }) => ranks[0]!);
  }

  /** Leading blocks of a prompt that each worker holds on its GPU. */
  async overlaps(tokens: readonly number[]): Promise<readonly number[]> {
    const { placement, candidates } = await this.choose(tokens, {});
    placement.ended();
    return candidates.map(({ cachedBlocks }) => cachedBlocks);
  }

  /**
   * Routes a request, to the worker `steer` names where that is one of the cheapest. What is returned is
   * the choice of the router itself; the request is load until its placement ends.
   */
  async choose(
    tokens: readonly number[],
    { steer, outputTokens = 0 }: { readonly steer?: number; readonly outputTokens?: number },
  ): Promise<OurChoice> {
    const { router } = this.#opened;
    const { router: machine } = router.pools[0]!;
    let worker = 0;
    let candidates: readonly Candidate[] = [];
    machine.observer = {
      chosen: (query, target) => {
        worker = target + 1;
        candidates = machine.candidates(query);
        return steer === undefined ? target : steer - 1;
      },
    };
    const hashes = sequenceHashes(blockHashes(tokens, BLOCK_SIZE));
    const prompt = { inputTokens: tokens.length, hashes };
    const placement = await router.route(askOf([], { prompt, outputTokens }), NEVER);
    return { worker, candidates, placement };
  }

  async close(): Promise<void> {
    await this.#feeds.stop();
    this.#opened.finish();
  }
}

/** Workers whose cost is the least. */
export function cheapest(candidates: readonly Candidate[]): readonly number[] {
  const least = Math.min(...candidates.map(({ cost }) => cost!));
  return candidates.filter(({ cost }) => cost === least).map(({ target }) => target + 1);
}
