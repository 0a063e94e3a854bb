import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { conditionalDisagg } from './conditional-disagg.ts';
import { isDisaggregated } from './pools.ts';
import type { ResolvedConfig } from './schema.ts';

type PlacelessConfig = Omit<ResolvedConfig, 'router'> & { readonly router: object };

/**
 * SHA-256, in hex, of the canonical JSON of a config: the same for the same run, anywhere. A policy
 * file takes part by its content, not by the place where it lies, and how KV caches are handed over,
 * and over which links, where any is.
 */
export function configDigest(config: ResolvedConfig): string {
  const { policy, ...router } = config.router;
  const { policy_sha256 } = router;
  const placeless = policy_sha256 === undefined ? config : { ...config, router };
  const read = isDisaggregated(config) ? placeless : withoutDisaggregation(placeless);
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(read))));
}

/** What nobody reads where every worker computes the prompts of its requests itself. */
function withoutDisaggregation({
  kv_transfer,
  network,
  router,
  ...rest
}: PlacelessConfig): unknown {
  const keys = Object.entries(router)
    .sort()
    .filter(([key]) => !Object.hasOwn(conditionalDisagg, key));
  return { ...rest, router: Object.fromEntries(keys) };
}
