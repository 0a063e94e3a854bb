import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { conditionalDisagg } from './conditional-disagg.ts';
import { MODEL_KEYS } from './engine-model.ts';
import { isModelled } from './model-effects.ts';
import { isDisaggregated } from './pools.ts';
import type { ResolvedConfig } from './schema.ts';

type PlacelessConfig = Omit<ResolvedConfig, 'router' | 'engine'> & {
  readonly router: object;
  readonly engine: object;
};

/**
 * SHA-256, in hex, of the canonical JSON of a config: the same for the same run, anywhere. A policy
 * file takes part by its content, not by the place where it lies; how KV caches are handed over, and
 * over which links, where any is; the model and how it is laid out where pass times are of one.
 */
export function configDigest(config: ResolvedConfig): string {
  const { policy, ...router } = config.router;
  const { policy_sha256 } = router;
  const placeless = policy_sha256 === undefined ? config : { ...config, router };
  const modelled = isModelled(config) ? placeless : withoutModel(placeless);
  const read = isDisaggregated(config) ? modelled : withoutDisaggregation(modelled);
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(read))));
}

/** What nobody reads where no pass takes as long as a model on a GPU takes. */
function withoutModel({ model: _model, engine, ...rest }: PlacelessConfig): PlacelessConfig {
  const keys = Object.entries(engine)
    .sort()
    .filter(([key]) => !MODEL_KEYS.includes(key));
  return { ...rest, engine: Object.fromEntries(keys) };
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
