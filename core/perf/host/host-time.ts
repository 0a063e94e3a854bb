import type { EngineName } from '../kernels/kernel-fits.ts';

/** Time of host, scheduler and sampler that a pass takes beside its kernels, in milliseconds. */
export interface HostTime {
  readonly perPassMs: number;
  readonly perRequestMs: number;
}

interface Era {
  readonly engine: EngineName;
  /** Versions from this one on, as [major, minor]. */
  readonly from: readonly [number, number];
  readonly host: HostTime;
}

/**
 * By engine and version, newest first. vLLM schedules asynchronously by default from 0.13 on and
 * sampled on the host's time before; SGLang and TensorRT-LLM overlap both since the versions named.
 * Fitted to published serving measurements, each left out with its GPU; see the README.
 */
const ERAS: readonly Era[] = [
  { engine: 'vllm', from: [0, 13], host: { perPassMs: 0.5, perRequestMs: 0.005 } },
  { engine: 'vllm', from: [0, 10], host: { perPassMs: 0.85, perRequestMs: 0.045 } },
  { engine: 'vllm', from: [0, 0], host: { perPassMs: 2, perRequestMs: 0.1 } },
  { engine: 'sglang', from: [0, 0], host: { perPassMs: 0.5, perRequestMs: 0.01 } },
  { engine: 'trtllm', from: [0, 0], host: { perPassMs: 0.3, perRequestMs: 0 } },
];

/** The first two numbers of a version, `1.1.0rc2.post2` → [1, 1]. */
function parseVersion(version: string): readonly [number, number] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return [Number.isNaN(major) ? 0 : major, Number.isNaN(minor) ? 0 : minor];
}

/** What an engine's host takes for a pass; of its newest version where none is named. */
export function hostTime(engine: EngineName, version?: string): HostTime {
  const [major, minor] =
    version === undefined ? ([Number.POSITIVE_INFINITY, 0] as const) : parseVersion(version);
  const era = ERAS.find(
    (one) =>
      one.engine === engine &&
      (major > one.from[0] || (major === one.from[0] && minor >= one.from[1])),
  );
  return era!.host;
}
