import { InputError } from '#core/base/errors.ts';
import type { ResolvedConfig, RouterConfig } from '#core/config/schema.ts';
import type { Candidate } from '#sim/compare/grid.ts';

/** A term of the KV router's cost, and the key by which the cost does without it. */
interface CostTerm {
  readonly name: string;
  readonly without: string;
  /** Whether the cost has the term at all. */
  readonly counts: (router: RouterConfig) => boolean;
}

const TERMS: readonly CostTerm[] = [
  {
    name: 'cached-prefix credit',
    without: 'router.overlap_score_credit=0',
    counts: (router) => router.overlap_score_credit > 0,
  },
  {
    // The scale at 0 would take the credit away with it, which is counted in blocks of prefill.
    name: 'prefill load',
    without: 'router.router_track_prefill_tokens=false',
    counts: (router) => router.router_track_prefill_tokens && router.prefill_load_scale > 0,
  },
  {
    name: 'active blocks',
    without: 'router.router_track_active_blocks=false',
    counts: (router) => router.router_track_active_blocks,
  },
  {
    name: 'active requests',
    without: 'router.decode_active_request_weight=0',
    counts: (router) => router.decode_active_request_weight > 0,
  },
];

/**
 * The candidates of `--ablate`: the router's cost as configured, and without each of the terms that
 * it has. Throws where the router has no such cost, or a queue that lives by one of its terms.
 */
export function ablationCandidates({ router }: ResolvedConfig): Candidate[] {
  const { mode, cost_model: costModel, router_queue_threshold: threshold } = router;
  if (mode !== 'kv_router') throw refusal('router.mode', mode, 'kv_router');
  if (costModel !== 'current') throw refusal('router.cost_model', costModel, 'current');
  if (threshold !== undefined) {
    throw refusal('router.router_queue_threshold', threshold, 'no queue, which needs prefill load');
  }
  const without = TERMS.filter(({ counts }) => counts(router));
  if (without.length === 0) throw refusal('router', undefined, 'a cost with at least one term');
  return [
    { name: 'full cost', sets: [] },
    ...without.map((term) => ({ name: `no ${term.name}`, sets: [term.without] })),
  ];
}

function refusal(path: string, received: unknown, allowed: string): InputError {
  return new InputError('usage', 'cannot take terms out of the cost', {
    file: '--ablate',
    path,
    ...(received === undefined ? {} : { received }),
    allowed,
  });
}
