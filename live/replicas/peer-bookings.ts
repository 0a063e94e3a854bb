import { assertDefined } from '#core/base/assert.ts';
import type { PeerBooks } from '#core/router/replicas/peer-requests.ts';
import type { LiveRouter } from '../routing/live-router.ts';
import type { RouterPool } from '../routing/router-pool.ts';

/** What another router has booked for a request. */
export interface PeerLoad {
  /** Sequence hashes of its blocks. */
  readonly hashes: readonly bigint[];
  /** Prompt tokens to be computed. */
  readonly prefillTokens: number;
}

/** A booking of another router's request: whose router knows it, and the leaf that is held for it. */
interface Booking {
  readonly pool: RouterPool;
  readonly leaf: number;
}

/** Books requests of other routers in the router of the pool that they went to. */
export class PeerBookings implements PeerBooks<PeerLoad> {
  readonly #router: LiveRouter;
  readonly #bookings = new Map<number, Booking>();

  constructor(router: LiveRouter) {
    this.#router = router;
  }

  book(target: number, { hashes, prefillTokens }: PeerLoad): number {
    const { journeys, roster, pools, blocks } = this.#router;
    const { role } = roster.ofTarget(target);
    const pool = assertDefined(
      pools.find((one) => one.role === role),
      `there is a pool of role ${role}`,
    );
    const { leaf, blocks: totalBlocks } = blocks.internOutside(hashes);
    const request = journeys.lend();
    const prompt = { leaf, leafBlocks: leaf < 0 ? 0 : 1, totalBlocks };
    const tailBlocks = hashes.length - totalBlocks;
    pool.tell((router, nowNs) =>
      router.bookedElsewhere({ request, target, ...prompt, tailBlocks, prefillTokens }, nowNs),
    );
    this.#bookings.set(request, { pool, leaf });
    return request;
  }

  prefillCompleted(request: number): void {
    const { pool } = this.#of(request);
    pool.tell((router, nowNs) => router.prefillCompleted(request, nowNs));
  }

  free(request: number): void {
    const { pool, leaf } = this.#of(request);
    this.#bookings.delete(request);
    pool.tell((router, nowNs) => router.free(request, nowNs));
    this.#router.blocks.release(leaf);
    this.#router.journeys.takeBack(request);
  }

  #of(request: number): Booking {
    return assertDefined(this.#bookings.get(request), `request ${request} is booked`);
  }
}
