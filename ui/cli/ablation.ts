import { InputError } from '#core/base/errors.ts';
import type { ResolvedConfig, RouterConfig } from '#core/config/schema.ts';
import type { Candidate } from '#sim/compare/grid.ts';

/** A term of the KV router's cost, and the key by which the cost does without it. */
interface CostTerm {
  readonly name: string;
  readonly without: readonly string[];
  /** Whether the cost has the term at all. */
  readonly counts: (router: RouterConfig) => boolean;
}

/** Each goes out alone: what the router tracks, and whoever waits or is overloaded by it, stays. */
const TERMS: readonly CostTerm[] = [
  {
    name: 'cached-prefix credit',
    without: ['router.overlap_score_credit=0', 'router.overlap_score_credit_decay=0'],
    counts: hasFadingCredit,
  },
  {
    name: 'cached-prefix credit',
    without: ['router.overlap_score_credit=0'],
    counts: (router) => router.overlap_score_credit > 0 && !hasFadingCredit(router),
  },
  {
    name: 'fading of the credit',
    without: ['router.overlap_score_credit_decay=0'],
    counts: hasFadingCredit,
  },
  {
    // The scale at 0 would take the credit away with it, which is counted in blocks of prefill.
    name: 'prefill load',
    without: ['router.cost_without=prefill_load'],
    counts: (router) => router.router_track_prefill_tokens && router.prefill_load_scale > 0,
  },
  {
    // Without prefill tracking the credit is taken off these blocks, and would go with them.
    name: 'active blocks',
    without: ['router.cost_without=active_blocks'],
    counts: (router) =>
      router.router_track_active_blocks &&
      (router.router_track_prefill_tokens || router.overlap_score_credit === 0),
  },
  {
    name: 'active requests',
    without: ['router.decode_active_request_weight=0'],
    counts: (router) => router.decode_active_request_weight > 0,
  },
];

/** The credit shrinks with load, so that its decay must go where the credit goes. */
function hasFadingCredit(router: RouterConfig): boolean {
  return router.overlap_score_credit > 0 && router.overlap_score_credit_decay > 0;
}

/**
 * The candidates of `--ablate`: the router's cost as configured, and without each of the terms that
 * it has. Throws where the router has no cost of which terms can be left out one by one.
 */
export function ablationCandidates({ router }: ResolvedConfig): Candidate[] {
  const { mode, cost_model: costModel, cost_without: omitted } = router;
  if (mode !== 'kv_router') throw refusal('router.mode', mode, 'kv_router');
  if (costModel !== 'current') {
    const allowed = 'current; in the cost of 1.0 the credit has no weight of its own';
    throw refusal('router.cost_model', costModel, allowed);
  }
  if (omitted !== undefined) throw refusal('router.cost_without', omitted, 'the whole cost');
  const without = TERMS.filter(({ counts }) => counts(router));
  if (without.length === 0) throw refusal('router', undefined, 'a cost with at least one term');
  return [
    { name: 'full cost', sets: [] },
    ...without.map((term) => ({ name: `no ${term.name}`, sets: term.without })),
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
