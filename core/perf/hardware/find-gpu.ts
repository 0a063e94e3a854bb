import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import type { Gpu } from './gpu.ts';
import { GPUS } from './gpus.ts';

/** What a name without a form factor means: the one that serves models. */
const BARE: Readonly<Record<string, string>> = {
  a100: 'a100-sxm',
  h100: 'h100-sxm',
  h200: 'h200-sxm',
  h20: 'h20-sxm',
  b200: 'b200-sxm',
  b300: 'b300-sxm',
};

/** `NVIDIA H100-SXM-80GB (DGX)` → `h100-sxm`: without vendor, size, case and what is in brackets. */
function plainName(written: string): string {
  const words = written
    .toLowerCase()
    .replace(/\(.*?\)/g, ' ')
    .split(/[\s_-]+/)
    .filter((word) => word !== '' && !['nvidia', 'amd', 'geforce', 'instinct'].includes(word))
    .filter((word) => !/^\d+g[bi]b?$/.test(word))
    .map((word) => word.replace(/^sxm\d?$/, 'sxm'));
  const joined = words.join('-');
  return BARE[joined] ?? joined;
}

/**
 * The GPU that a name means, whatever its case, vendor prefix or memory size (`H100`,
 * `NVIDIA H100-SXM-80GB`, `h100_sxm`), among `own` first and then the built-in ones; or undefined.
 */
export function findGpu(name: string, own: readonly Gpu[] = []): Gpu | undefined {
  const plain = plainName(name);
  const known = [...own, ...GPUS];
  return known.find((gpu) => gpu.name === name) ?? known.find((gpu) => gpu.name === plain);
}

/** What a place takes that names a built-in GPU, or `instead` of one. */
export function allowedGpus(instead?: string): {
  readonly allowed: string;
  readonly remedy: string;
} {
  const names = GPUS.map(({ name }) => name).join(', ');
  return {
    allowed: instead === undefined ? names : `${names}, or ${instead}`,
    remedy: '`windtunnel explain gpus` says what they can do',
  };
}

/**
 * As `findGpu`, among the built-in ones. Throws an InputError `gpu_unknown` at `path`, with the
 * nearest name, where there is none of that name; `instead`: what else would say which is meant.
 */
export function needGpu(name: string, path: string, instead?: string): Gpu {
  const known = findGpu(name);
  if (known !== undefined) return known;
  const nearest = nearestGpu(name);
  throw new InputError('gpu_unknown', 'no built-in GPU has that name', {
    path,
    received: name,
    ...allowedGpus(instead),
    ...(nearest !== undefined && { nearest }),
  });
}

/** The GPU that `name` may have been meant to be, for the error that says it is unknown. */
export function nearestGpu(name: string, own: readonly Gpu[] = []): string | undefined {
  const names = [...own, ...GPUS].map((gpu) => gpu.name);
  const plain = plainName(name);
  // A form factor that is left out is no spelling mistake.
  const bare = nearestName(plain, Object.keys(BARE).sort());
  return nearestName(plain, names) ?? (bare && BARE[bare]);
}
