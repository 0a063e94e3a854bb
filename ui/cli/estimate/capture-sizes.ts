import { InvalidArgumentError } from 'commander';
import type { CaptureChoice } from '#core/perf/pass/cuda-graphs.ts';

/** `auto`, `any`, or `1,2,4,8` → those. Throws commander's error where it is none of them. */
export function captureSizes(text: string): CaptureChoice {
  if (text === 'auto' || text === 'any') return text;
  const sizes = text.split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size >= 1)) return sizes;
  throw new InvalidArgumentError('allowed: auto, any, or numbers of tokens such as 1,2,4,8.');
}
