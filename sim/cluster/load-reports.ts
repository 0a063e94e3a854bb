import type { Ns } from '#core/base/time.ts';
import type { RouterConfig } from '#core/config/schema.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import { isInformed } from '#core/router/options.ts';

/**
 * Tells the router after each pass how many KV blocks a worker's requests hold. A router that
 * looks at loads counts the blocks that it has placed there itself; to another one the worker's
 * count stands for both.
 */
export class LoadReports {
  readonly #router: RouterFacts;
  readonly #routerCounts: boolean;

  constructor(router: RouterFacts, routerCounts: boolean) {
    this.#router = router;
    this.#routerCounts = routerCounts;
  }

  publish(target: number, usedBlocks: number, nowNs: Ns): void {
    const placed = this.#routerCounts ? -1 : usedBlocks;
    this.#router.loadReported(target, -1, placed, usedBlocks, nowNs);
  }
}

/** The reports of a run; undefined where the router does not judge workers by their blocks. */
export function openLoadReports(
  router: RouterFacts,
  { active_decode_blocks_threshold: threshold, mode }: RouterConfig,
): LoadReports | undefined {
  return threshold === undefined ? undefined : new LoadReports(router, isInformed(mode));
}
