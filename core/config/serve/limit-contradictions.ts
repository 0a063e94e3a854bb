import type { Contradiction } from '../contradiction.ts';
import type { AuthConfig } from './auth.ts';
import { LIMIT_SCOPES, type LimitConfig, type LimitsConfig } from './limits.ts';

/** Limits that limit nothing. */
export function limitContradictions(
  limits: LimitsConfig | undefined,
  auth: AuthConfig,
): readonly Contradiction[] {
  if (limits === undefined) return [];
  const written = LIMIT_SCOPES.flatMap((scope) => {
    const limit = limits[scope];
    return limit === undefined ? [] : [{ path: `limits.${scope}`, limit }];
  });
  if (written.length === 0) {
    const remedy = 'add total, per_client or per_tenant, or leave it out';
    return [{ path: 'limits', why: 'nothing is limited', remedy }];
  }
  return [
    ...written.flatMap(({ path, limit }) => emptyLimit(path, limit)),
    ...(limits.per_client === undefined || auth.client_keys.length > 0 ? [] : [NOBODY_KNOWN]),
  ];
}

const NOBODY_KNOWN: Contradiction = {
  path: 'limits.per_client',
  why: 'clients are told apart by their keys, and there are no auth.client_keys',
  remedy: 'name the keys, or limit total or per_tenant instead',
};

function emptyLimit(path: string, limit: LimitConfig): readonly Contradiction[] {
  const { requests_per_sec, burst, concurrent } = limit;
  if (burst !== undefined && requests_per_sec === undefined) {
    const why = 'it is how far a rate may be overdrawn, and no rate is limited';
    const remedy = 'add requests_per_sec, or set concurrent to limit what is under way at once';
    return [{ path: `${path}.burst`, why, remedy }];
  }
  if (requests_per_sec !== undefined || concurrent !== undefined) return [];
  return [{ path, why: 'nothing is limited', remedy: 'add requests_per_sec or concurrent' }];
}
