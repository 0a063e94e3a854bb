import { GemmTime } from '../kernels/gemm.ts';
import { type KernelFits, kernelFits } from '../kernels/kernel-fits.ts';
import { type AttentionOperator, attentionOperator } from './attention-operator.ts';
import { LAUNCH_MS, tokensOfGraph } from './cuda-graphs.ts';
import type { Deployment } from './deployment.ts';
import { decodeSums, type PassSums } from './pass-sums.ts';
import { RememberedTimes } from './remembered-times.ts';
import { type TokenOperator, tokenOperators } from './token-operators.ts';

/** Time of one kind of operator in a pass, all its runs together. */
export interface OperatorTime {
  readonly name: string;
  readonly group: 'gemm' | 'attention' | 'moe' | 'communication' | 'other';
  readonly count: number;
  readonly ms: number;
}

/**
 * How long the kernels of a forward pass take on one worker: those that only see how many tokens are
 * computed, remembered by that number, attention over the sums of the requests' lengths, and the
 * output head. Without host, scheduler and sampler.
 *
 * With p pipeline stages p batches are under way, each in another stage. A token passes all stages,
 * but in a batch of a p-th of the requests; a prompt is cut into as many chunks as there are stages,
 * which follow each other, and takes (2p − 1)/p² of its whole time.
 */
export class ForwardPass {
  readonly deployment: Deployment;
  readonly fits: KernelFits;
  readonly #tokenOperators: readonly TokenOperator[];
  /** Those of them that compute a rank's own tokens, and those that compute all ranks' together. */
  readonly #ofRank: RememberedTimes;
  readonly #ofAllRanks: RememberedTimes;
  readonly #attention: AttentionOperator;
  readonly #head: GemmTime;
  readonly #stages: number;
  /** Host time to start the kernels of an eager pass. */
  readonly #launchMs: number;
  #headRequests = 0;
  #lastHeadMs = 0;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
    this.fits = kernelFits(deployment.gpu, deployment.engine);
    this.#tokenOperators = tokenOperators(deployment, this.fits);
    const ofAll = ({ ofAllRanks }: TokenOperator): boolean => ofAllRanks === true;
    this.#ofRank = new RememberedTimes(this.#tokenOperators.filter((each) => !ofAll(each)));
    this.#ofAllRanks = new RememberedTimes(this.#tokenOperators.filter(ofAll));
    this.#attention = attentionOperator(deployment, this.fits);
    this.#head = new GemmTime(deployment.gpu, 'bf16', this.fits.gemm('bf16'));
    this.#stages = deployment.pipelineParallel;
    this.#launchMs = LAUNCH_MS * this.#kernelCount();
  }

  /** Milliseconds of a pass; 0 for one without requests. */
  ms(sums: PassSums): number {
    if (this.#stages === 1) return this.#wholeMs(sums);
    const decodes = decodesOf(sums, 1);
    const prefillMs = Math.max(0, this.#wholeMs(sums) - this.#wholeMs(decodes));
    const share = (2 * this.#stages - 1) / this.#stages ** 2;
    return share * prefillMs + this.#wholeMs(decodesOf(sums, this.#stages));
  }

  /** Milliseconds through all layers, one stage after the other. */
  #wholeMs(sums: PassSums): number {
    const tokens = sums.prefillTokens + sums.decodeRequests;
    if (tokens === 0) return 0;
    const attention = this.#contextMs(sums) + this.#generationMs(sums);
    const heads = sums.prefillRequests + sums.decodeRequests;
    const padded = this.#paddedTokens(sums);
    const own = padded ?? tokens;
    const tokensMs = this.#ofRank.ms(own) + this.#ofAllRanks.ms(this.#allTokens(own, sums));
    const kernels = tokensMs + attention + this.#headMs(heads);
    return padded === undefined ? Math.max(kernels, this.#launchMs) : kernels;
  }

  /** Tokens that a pass computes, those of its graph that nobody reads included; undefined where it is eager. */
  #paddedTokens(sums: PassSums): number | undefined {
    const { graphs } = this.deployment;
    if (graphs === undefined) return sums.prefillTokens + sums.decodeRequests;
    return tokensOfGraph(graphs, sums);
  }

  /** Tokens of all ranks together in a pass in which this one computes `own`. */
  #allTokens(own: number, { otherTokens }: PassSums): number {
    return otherTokens === undefined ? own * this.deployment.dataParallel : own + otherTokens;
  }

  /** Attention once a layer, the head once. */
  #kernelCount(): number {
    const counts = this.#tokenOperators.reduce((sum, { count }) => sum + count, 0);
    return counts + this.deployment.model.layers + 1;
  }

  /** The operators of a pass through all layers; with one stage they add up to `ms`. */
  operators(sums: PassSums): OperatorTime[] {
    const { model } = this.deployment;
    const padded = this.#paddedTokens(sums);
    const tokens = padded ?? sums.prefillTokens + sums.decodeRequests;
    const heads = sums.prefillRequests + sums.decodeRequests;
    const attention = (name: string, ms: number): OperatorTime => ({
      name,
      group: 'attention',
      count: model.layers,
      ms,
    });
    const all = this.#allTokens(tokens, sums);
    const times: OperatorTime[] = this.#tokenOperators.map((operator) => {
      const { name, group, count, ofAllRanks } = operator;
      return { name, group, count, ms: count * operator.ms(ofAllRanks ? all : tokens) };
    });
    times.push(attention('prefill attention', this.#contextMs(sums)));
    times.push(attention('decode attention', this.#generationMs(sums)));
    times.push({ name: 'output head', group: 'gemm', count: 1, ms: this.#headMs(heads) });
    if (padded === undefined) {
      const kernels = times.reduce((sum, { ms }) => sum + ms, 0);
      const ms = Math.max(0, this.#launchMs - kernels);
      times.push({ name: 'waiting for the host', group: 'other', count: this.#kernelCount(), ms });
    }
    return times.filter(({ ms }) => ms > 0);
  }

  /** Remembered for the last number of requests, which is asked for many contexts in a row. */
  #headMs(requests: number): number {
    if (requests === this.#headRequests) return this.#lastHeadMs;
    const { model, tensorParallel } = this.deployment;
    this.#headRequests = requests;
    this.#lastHeadMs = this.#head.ms(requests, model.vocabulary / tensorParallel, model.hidden);
    return this.#lastHeadMs;
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

/** The decode part of a pass, of a `batches`-th of its requests. */
function decodesOf({ decodeRequests, decodeContextTokens }: PassSums, batches: number): PassSums {
  return decodeSums(Math.ceil(decodeRequests / batches), decodeContextTokens / batches);
}
