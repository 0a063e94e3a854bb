import { NS_PER_S, type Ns } from '#core/base/time.ts';
import { LIMIT_SCOPES, type LimitScope, type LimitsConfig } from '#core/config/serve/limits.ts';
import type { Clock } from '#live/clock.ts';
import { HttpFailure } from './http-failure.ts';
import { type Refusal, ScopeLimit } from './scope-limit.ts';

/** Who asks. */
export interface Caller {
  /** Whose key it is; absent where everybody may ask. */
  readonly client?: string | undefined;
  readonly tenant?: string | undefined;
}

/** What a client is told that asks for more than it may. */
export class RateLimited extends HttpFailure {
  /** The limit that it met, as the config names it. */
  readonly limit: string;

  constructor(limit: string, message: string, waitNs: Ns) {
    const seconds = Math.max(1, Math.ceil(waitNs / NS_PER_S));
    super(429, message, { headers: { 'retry-after': String(seconds) } });
    this.limit = limit;
  }
}

/** Whose requests a limit counts together, and what they are called. */
const SCOPES: Readonly<Record<LimitScope, (caller: Caller) => { key: string; name: string }>> = {
  total: () => ({ key: '', name: 'all clients together' }),
  per_client: ({ client = '' }) => ({ key: client, name: `client ${client}` }),
  per_tenant: ({ tenant = '' }) => ({
    key: tenant,
    name: tenant === '' ? 'requests without a tenant' : `tenant ${tenant}`,
  }),
};

/** The limits of a front: how many requests may come, and be under way, of whom. */
export class RateLimits {
  readonly #limits: readonly { readonly scope: LimitScope; readonly limit: ScopeLimit }[];
  readonly #clock: Clock;

  constructor(config: LimitsConfig | undefined, clock: Clock) {
    this.#clock = clock;
    this.#limits = LIMIT_SCOPES.flatMap((scope) => {
      const written = config?.[scope];
      return written === undefined ? [] : [{ scope, limit: new ScopeLimit(written) }];
    });
  }

  /**
   * Lets a request in, and says what to call once when it is over. Throws a `RateLimited` where a limit
   * is met; what other limits allow is not used up then.
   */
  enter(caller: Caller): () => void {
    const nowNs = this.#clock.nowNs();
    const met = this.#limits.map(({ scope, limit }) => ({
      ...{ scope, limit },
      ...SCOPES[scope](caller),
    }));
    for (const { scope, limit, key, name } of met) {
      const refusal = limit.refusal(key, nowNs);
      if (refusal !== undefined) throw told(scope, name, refusal);
    }
    for (const { limit, key } of met) limit.enter(key, nowNs);
    return () => {
      for (const { limit, key } of met) limit.leave(key);
    };
  }
}

function told(scope: LimitScope, name: string, { kind, most, waitNs }: Refusal): RateLimited {
  const limit = `limits.${scope}.${kind}`;
  const bound =
    kind === 'concurrent' ? `${most} requests under way` : `${most} requests per second`;
  return new RateLimited(limit, `${name}: no more than ${bound} (${limit})`, waitNs);
}
