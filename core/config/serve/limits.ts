import { z } from 'zod';
import { count, describe } from '../describe.ts';

/** Tokens of a bucket are counted in whole nanoseconds, which these bounds keep exact. */
const SLOWEST_PER_SEC = 0.01;
const FASTEST_PER_SEC = 1e6;
const LARGEST_BURST = 50_000;

/** One limit; `whose` says, for whom it is. */
function limitSchema(whose: string) {
  return z
    .strictObject({
      requests_per_sec: describe(
        z.number().min(SLOWEST_PER_SEC).max(FASTEST_PER_SEC).exactOptional(),
        {
          effect: `Requests that may come per second, over time, of ${whose}.`,
          unit: 'requests/s',
          whenAbsent: 'as many as come',
        },
      ),
      burst: describe(count().max(LARGEST_BURST).exactOptional(), {
        effect: 'Requests that may come at once, after a pause in which they did not.',
        whenAbsent: 'the requests of one second, at least 1',
      }),
      concurrent: describe(count().exactOptional(), {
        effect: `Requests that may be under way at once, those that wait in the router included, of ${whose}.`,
        whenAbsent: 'as many as come',
      }),
    })
    .meta({ description: `How much may come of ${whose}.` });
}

/** How much clients may ask for; what is more is answered with 429 and `Retry-After`. */
export const limitsSchema = z
  .strictObject({
    total: limitSchema('all clients together').exactOptional(),
    per_client: limitSchema('each of auth.client_keys').exactOptional(),
    per_tenant: limitSchema(
      'each tenant, as x-tenant-id names it; requests without one are those of one tenant',
    ).exactOptional(),
  })
  .meta({
    description:
      'How much clients may ask for; what is more is answered with 429 and Retry-After. Each router counts what comes to itself.',
  });

export type LimitsConfig = z.output<typeof limitsSchema>;
export type LimitScope = keyof LimitsConfig;
export type LimitConfig = NonNullable<LimitsConfig[LimitScope]>;

/** Whom a request is counted with. */
export const LIMIT_SCOPES: readonly LimitScope[] = ['total', 'per_client', 'per_tenant'];

/** Requests that may come at once, where a rate is limited. */
export function burstOf({ requests_per_sec = 1, burst }: LimitConfig): number {
  return burst ?? Math.min(LARGEST_BURST, Math.max(1, Math.ceil(requests_per_sec)));
}
