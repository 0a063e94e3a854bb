import type { KvTier } from '../kv-event.ts';

/**
 * The media that engines name, by tier. vLLM: GPU (or nothing), CPU, STORAGE, and FS and OBJ in 0.26;
 * SGLang: GPU, CPU_PINNED, DISK, EXTERNAL; the rest is what Dynamo knows besides
 * (lib/kv-router/src/protocols.rs).
 */
const TIERS: Readonly<Record<string, KvTier>> = {
  GPU: 'device',
  DEVICE: 'device',
  CPU: 'host',
  CPU_PINNED: 'host',
  CPU_TIER1: 'host',
  CPU_TIER2: 'disk',
  DISK: 'disk',
  NVME: 'disk',
  STORAGE: 'disk',
  FS: 'disk',
  EXTERNAL: 'external',
  NETWORK: 'external',
  REMOTE: 'external',
  SHARED: 'external',
  OBJ: 'external',
};

/** The tier of a medium; one that is not named is the device, one that is not known is none. */
export function tierOfMedium(medium: string | undefined): KvTier | undefined {
  if (medium === undefined) return 'device';
  const name = medium.toUpperCase();
  return Object.hasOwn(TIERS, name) ? TIERS[name] : undefined;
}
