import { InputError, type InputErrorOptions } from '#core/base/errors.ts';

const NO_TIER = 'no tier below GPU memory is flown yet';
const ONE_ROUTER =
  'the tunnel has one router, which tells no other; windtunnel serve has the section replicas for it';
const NO_HASHES = 'the tunnel knows prompts by their blocks and hashes no tokens';
const OF_A_POOL = 'each of cluster.pools has a router of its own, with its mode';

/**
 * Keys by which Dynamo's router is told of what the tunnel does not fly, and why they mean nothing
 * here: whoever brings a config along should not look for a slip of the pen.
 */
const NOT_FLOWN: ReadonlyMap<string, string> = new Map([
  ['router.host_cache_hit_weight', NO_TIER],
  ['router.disk_cache_hit_weight', NO_TIER],
  ['router.shared_cache_multiplier', NO_TIER],
  ['router.shared_cache_type', NO_TIER],
  ['router.router_replica_sync', ONE_ROUTER],
  ['router.router_tracking_hash', NO_HASHES],
  ['router.router_tracking_key_file', NO_HASHES],
  ['router.router_tracking_key_id', NO_HASHES],
  ['router.router_event_threads', 'the tunnel runs on one thread, where a result can be repeated'],
  ['router.router_prefill_policy', OF_A_POOL],
  ['router.router_decode_policy', OF_A_POOL],
]);

/** The refusal of a key of Dynamo's that means nothing yet; undefined = the path is no such key. */
export function notFlown(
  path: string,
  received: unknown,
  place: InputErrorOptions,
): InputError | undefined {
  const why = NOT_FLOWN.get(path);
  if (why === undefined) return undefined;
  const problem = `means nothing here: ${why}`;
  const remedy = 'leave it out';
  return new InputError('config_invalid', problem, { ...place, path, received, remedy });
}
