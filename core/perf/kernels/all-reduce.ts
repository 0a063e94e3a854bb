import type { Gpu } from '../hardware/gpu.ts';

/** Measured sizes (elements of two bytes) and times (ms), both rising. */
export type ReduceCurve = readonly [readonly number[], readonly number[]];

/** a0 (ms), a1 (ms a further GPU), e1, k2, e2, q: the soft minimum of a one-shot and a two-shot. */
export type ReduceFit = readonly number[];

/**
 * Time of summing activations over the GPUs of a tensor-parallel group: read off the measured curve
 * of that group size, linear in the logarithms between its knots, or, where none was measured, the
 * fitted formula ((a·1 + bytes·(g−1)/link)^−q + (a·k2 + 2·bytes·(g−1)/g/link)^−q)^(−1/q), a = a0 + a1·(g−2).
 */
export class AllReduceTime {
  readonly #linkBytesPerMs: number;
  readonly #group: number;
  readonly #curve: ReduceCurve | undefined;
  readonly #fit: ReduceFit;

  constructor(gpu: Gpu, group: number, fit: ReduceFit, curve?: ReduceCurve) {
    const withinNode = group <= gpu.gpusPerNode;
    this.#linkBytesPerMs = (withinNode ? gpu.linkBytesPerS : gpu.nicBytesPerS) / 1000;
    this.#group = group;
    this.#fit = fit;
    this.#curve = withinNode ? curve : undefined;
  }

  /** Milliseconds for so many elements of two bytes; 0 for one GPU. */
  ms(elements: number): number {
    if (this.#group === 1 || elements === 0) return 0;
    return this.#curve === undefined ? this.#formula(elements) : onCurve(this.#curve, elements);
  }

  #formula(elements: number): number {
    const [base, each, oneShare, twoBase, twoShare, norm] = this.#fit as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const group = this.#group;
    const bytes = 2 * elements;
    const launch = base + each * (group - 2);
    const one = launch + (bytes * (group - 1)) / (this.#linkBytesPerMs * oneShare);
    const two =
      launch * twoBase + (2 * bytes * (group - 1)) / group / (this.#linkBytesPerMs * twoShare);
    const least = Math.min(one, two);
    // Scaled by the least, so that a high norm does not underflow.
    return least * ((least / one) ** norm + (least / two) ** norm) ** (-1 / norm);
  }
}

function onCurve([sizes, times]: ReduceCurve, elements: number): number {
  const last = sizes.length - 1;
  if (elements <= sizes[0]!) return times[0]!;
  let next = 1;
  while (next < last && sizes[next]! < elements) next++;
  const x0 = Math.log(sizes[next - 1]!);
  const y0 = Math.log(times[next - 1]!);
  const slope = (Math.log(times[next]!) - y0) / (Math.log(sizes[next]!) - x0);
  // Beyond the last size, time grows with the size.
  return Math.exp(y0 + slope * (Math.log(elements) - x0));
}
