import { GemmTime } from '../kernels/gemm.ts';
import { type KernelFits, kernelFits } from '../kernels/kernel-fits.ts';
import { type AttentionOperator, attentionOperator } from './attention-operator.ts';
import type { Deployment } from './deployment.ts';
import { type TokenOperator, tokenOperators } from './token-operators.ts';

/** Sums over the requests of a pass. */
export interface PassSums {
  readonly prefillRequests: number;
  /** Σ chunk, Σ prefix and Σ chunk · (prefix + chunk / 2). */
  readonly prefillTokens: number;
  readonly prefixTokens: number;
  readonly prefillAttentionPairs: number;
  readonly decodeRequests: number;
  /** Σ context. */
  readonly decodeContextTokens: number;
}

/** Time of one kind of operator in a pass, all its runs together. */
export interface OperatorTime {
  readonly name: string;
  readonly group: 'gemm' | 'attention' | 'moe' | 'communication' | 'other';
  readonly count: number;
  readonly ms: number;
}

/** Token counts up to which products are remembered. */
const REMEMBERED_TOKENS = 65_536;

/**
 * How long the kernels of a forward pass take on one worker: those that only see how many tokens are
 * computed, remembered by that number, attention over the sums of the requests' lengths, and the
 * output head. Without host, scheduler and sampler. With pipeline stages, the time of a stage times
 * (2·stages − 1)/stages: as many batches as stages are under way, and each fills and drains the line.
 */
export class ForwardPass {
  readonly deployment: Deployment;
  readonly fits: KernelFits;
  readonly #tokenOperators: readonly TokenOperator[];
  readonly #attention: AttentionOperator;
  readonly #head: GemmTime;
  /** Milliseconds by tokens; NaN = not asked for yet. */
  readonly #tokenMs = new Float64Array(REMEMBERED_TOKENS).fill(Number.NaN);
  /** Share of the layers' whole time that a pass takes. */
  readonly #stages: number;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
    this.fits = kernelFits(deployment.gpu, deployment.engine);
    this.#tokenOperators = tokenOperators(deployment, this.fits);
    this.#attention = attentionOperator(deployment, this.fits);
    this.#head = new GemmTime(deployment.gpu, 'bf16', this.fits.gemm('bf16'));
    const { pipelineParallel } = deployment;
    this.#stages = (2 * pipelineParallel - 1) / pipelineParallel ** 2;
  }

  /** Milliseconds of a pass; 0 for one without requests. */
  ms(sums: PassSums): number {
    const tokens = sums.prefillTokens + sums.decodeRequests;
    if (tokens === 0) return 0;
    const attention = this.#contextMs(sums) + this.#generationMs(sums);
    const heads = sums.prefillRequests + sums.decodeRequests;
    return this.#stages * (this.#tokensMs(tokens) + attention) + this.#headMs(heads);
  }

  /** The same, operator by operator; they add up to `ms` of a deployment of one stage. */
  operators(sums: PassSums): OperatorTime[] {
    const { model } = this.deployment;
    const tokens = sums.prefillTokens + sums.decodeRequests;
    const heads = sums.prefillRequests + sums.decodeRequests;
    const attention = (name: string, ms: number): OperatorTime => ({
      name,
      group: 'attention',
      count: model.layers,
      ms: this.#stages * ms,
    });
    const times: OperatorTime[] = this.#tokenOperators.map(({ name, group, count, ms }) => ({
      name,
      group,
      count,
      ms: this.#stages * count * ms(tokens),
    }));
    times.push(attention('prefill attention', this.#contextMs(sums)));
    times.push(attention('decode attention', this.#generationMs(sums)));
    times.push({ name: 'output head', group: 'gemm', count: 1, ms: this.#headMs(heads) });
    return times.filter(({ ms }) => ms > 0);
  }

  #tokensMs(tokens: number): number {
    const remembered = tokens < REMEMBERED_TOKENS ? this.#tokenMs[tokens]! : Number.NaN;
    if (!Number.isNaN(remembered)) return remembered;
    let ms = 0;
    for (const operator of this.#tokenOperators) ms += operator.count * operator.ms(tokens);
    if (tokens < REMEMBERED_TOKENS) this.#tokenMs[tokens] = ms;
    return ms;
  }

  #headMs(requests: number): number {
    const { model, tensorParallel } = this.deployment;
    return this.#head.ms(requests, model.vocabulary / tensorParallel, model.hidden);
  }

  #contextMs(sums: PassSums): number {
    const { prefillRequests, prefillTokens, prefixTokens, prefillAttentionPairs } = sums;
    return this.#attention.contextMs(
      prefillRequests,
      prefillTokens,
      prefixTokens,
      prefillAttentionPairs,
    );
  }

  #generationMs({ decodeRequests, decodeContextTokens }: PassSums): number {
    return this.#attention.generationMs(decodeRequests, decodeContextTokens);
  }
}
