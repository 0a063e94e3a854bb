import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { WindtunnelError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { PrefixMatch } from '../index/prefix-match.ts';
import { PromptPath } from '../index/prompt-path.ts';
import { ActivePrefixes } from './active-prefixes.ts';
import { Admissions } from './admissions.ts';
import { BlockWeights, blockUnits, WHOLE_BLOCK } from './block-weights.ts';
import { OutputBlocks } from './output-blocks.ts';
import { PrefillDecay } from './prefill-decay.ts';
import { RequestLists } from './request-lists.ts';

/** What a request brings to its target, besides its path. */
export interface SequenceLoad {
  /** The prompt's leaf, −1 = track no shared blocks. */
  readonly leaf: number;
  readonly leafBlocks: number;
  /** Blocks that no other request ever shares. */
  readonly privateBlocks: number;
  /** Prompt tokens that still have to be prefilled. */
  readonly prefillTokens: number;
  /** How long that is expected to take; unknown when absent. Only read where prefill decays. */
  readonly expectedPrefillNs?: Ns | undefined;
  /** Prompt tokens. Only read where output blocks are tracked. */
  readonly inputTokens?: number;
  /** Output tokens that are expected, unknown when absent or 0. Only read with output blocks. */
  readonly expectedOutputTokens?: number;
}

/** What is tracked beyond prompts; each costs nothing when it is absent. */
export interface SequenceOptions {
  /** Tokens of a block: output blocks are tracked. */
  readonly outputBlockSize?: number | undefined;
  /** Prompt tokens shrink over their expected durations. */
  readonly prefillDecays?: boolean | undefined;
  /** A request is dropped when it has been active for so long. */
  readonly requestExpiryNs?: Ns | undefined;
}

/** Tells of a target whose load has changed. */
export type LoadListener = (target: number) => void;

/**
 * The load that the router has placed on each target and not yet heard the end of. A request lives
 * from `add` through `prefillCompleted` and `outputProgress` (both optional) to `free`.
 *
 *     activeBlocks[target]          blocks in use, a shared prefix counted once, weights rounded
 *     activePrefillTokens[target]   prompt tokens not yet prefilled, as of the last `catchUp`
 *     activeRequests[target]        requests
 *     waitingRequests[target]       those of them whose first token is not out
 *
 *     #target[request]              its target, −1 = not active
 *     #leaf, #leafBlocks, #private  its blocks
 *     #prefill[request]             its tokens in activePrefillTokens, 0 after completion
 *     #waits[request]               1 = its first token is not out
 *     #whole[target]                prompt blocks in use, each counted as one
 */
export class ActiveSequences {
  activeBlocks = new Int32Array(16);
  activePrefillTokens = new Float64Array(16);
  activeRequests = new Int32Array(16);
  waitingRequests = new Int32Array(16);
  readonly #forest: BlockForest;
  readonly #prefixes: ActivePrefixes;
  readonly #weights: BlockWeights | undefined;
  readonly #outputs: OutputBlocks | undefined;
  readonly #decay: PrefillDecay | undefined;
  readonly #admissions: Admissions | undefined;
  readonly #path = new PromptPath();
  readonly #onTarget = new RequestLists();
  #whole = new Int32Array(16);
  #targets = 16;
  #target = new Int32Array(64).fill(-1);
  #leaf = new Int32Array(64);
  #leafBlocks = new Int32Array(64);
  #private = new Int32Array(64);
  #prefill = new Int32Array(64);
  #waits = new Uint8Array(64);

  constructor(forest: BlockForest, options: SequenceOptions = {}) {
    const { outputBlockSize, prefillDecays, requestExpiryNs } = options;
    this.#forest = forest;
    if (outputBlockSize !== undefined) {
      this.#weights = new BlockWeights();
      this.#outputs = new OutputBlocks(outputBlockSize);
    }
    if (prefillDecays === true) this.#decay = new PrefillDecay();
    if (requestExpiryNs !== undefined) this.#admissions = new Admissions(requestExpiryNs);
    this.#prefixes = new ActivePrefixes(this.#weights);
  }

  /** Makes room for targets up to `limit` − 1. */
  reserveTargets(limit: number): void {
    if (limit <= this.#targets) return;
    this.activeBlocks = growColumn(this.activeBlocks, limit);
    this.activePrefillTokens = growColumn(this.activePrefillTokens, limit);
    this.activeRequests = growColumn(this.activeRequests, limit);
    this.waitingRequests = growColumn(this.waitingRequests, limit);
    this.#whole = growColumn(this.#whole, limit);
    this.#targets = this.#whole.length;
  }

  /** The target of an active request, or −1. */
  targetOf(request: number): number {
    return request < this.#target.length ? this.#target[request]! : -1;
  }

  /**
   * What a request is as load, undefined while it is not active. Prompt tokens are those that are not
   * prefilled yet; where they shrink they belong to the target alone, and are 0 here.
   */
  loadOf(request: number): SequenceLoad | undefined {
    if (this.targetOf(request) < 0) return undefined;
    return {
      leaf: this.#leaf[request]!,
      leafBlocks: this.#leafBlocks[request]!,
      privateBlocks: this.#private[request]!,
      prefillTokens: this.#prefill[request]!,
    };
  }

  /**
   * Books a request on a target. An id that is active already is refused with
   * `router_duplicate_request`, and nothing changes.
   */
  add(request: number, target: number, load: SequenceLoad, nowNs: Ns = 0): void {
    assert(request >= 0 && target >= 0, 'request and target ids are not negative');
    this.#refuseDuplicate(request);
    this.reserveTargets(target + 1);
    if (request >= this.#target.length) this.#growRequests(request + 1);
    this.#target[request] = target;
    this.#leaf[request] = load.leaf;
    this.#leafBlocks[request] = load.leafBlocks;
    this.#private[request] = load.privateBlocks;
    this.#waits[request] = 1;
    this.#onTarget.add(request, target);
    this.#admissions?.add(request, nowNs);
    this.#outputs?.open(request, load.inputTokens ?? 0, load.expectedOutputTokens ?? 0);
    this.#path.fill(this.#forest, load.leaf, load.leafBlocks);
    this.#addBlocks(target, this.#prefixes.add(target, this.#path) + load.privateBlocks);
    this.#addPrefill(request, target, load, nowNs);
    this.activeRequests[target]! += 1;
    this.waitingRequests[target]! += 1;
  }

  /** The request's prefill is done; unknown, completed and freed requests are fine. */
  prefillCompleted(request: number, nowNs: Ns = 0): void {
    const target = this.targetOf(request);
    if (target < 0) return;
    this.waitingRequests[target]! -= this.#waits[request]!;
    this.#waits[request] = 0;
    if (this.#decay === undefined) {
      this.activePrefillTokens[target]! -= this.#prefill[request]!;
      this.#prefill[request] = 0;
      return;
    }
    this.#decay.remove(request, target, nowNs);
    this.activePrefillTokens[target] = this.#decay.tokensAt(target, nowNs);
  }

  /**
   * The request has generated so many tokens in all. When they reach into a new block, it has one
   * output block more; true when the target's load may have changed. Unknown requests are fine.
   */
  outputProgress(request: number, generatedTokens: number): boolean {
    const outputs = this.#outputs;
    if (outputs === undefined || this.targetOf(request) < 0) return false;
    if (!outputs.reachesNewBlock(request, generatedTokens)) return false;
    this.addOutputBlock(request, outputs.fractionLeft(request, generatedTokens));
    return true;
  }

  /**
   * An active request has one output block more. With a fraction (0…1), all its output blocks and
   * the end of its prompt that nobody else on the target uses count for only that much from now on.
   */
  addOutputBlock(request: number, fraction?: number): void {
    const outputs = this.#outputs;
    const target = this.targetOf(request);
    assert(outputs !== undefined && target >= 0, 'output blocks are tracked of active requests');
    outputs.add(request, target, fraction);
    if (fraction !== undefined) {
      this.#path.fill(this.#forest, this.#leaf[request]!, this.#leafBlocks[request]!);
      this.#prefixes.weighExclusive(target, this.#path, blockUnits(fraction));
    }
    this.#addBlocks(target, 0);
  }

  /** The request has ended, whatever its state; unknown and freed requests are fine. */
  free(request: number, nowNs: Ns = 0): void {
    const target = this.targetOf(request);
    if (target < 0) return;
    this.prefillCompleted(request, nowNs);
    this.#outputs?.close(request, target);
    this.#admissions?.end(request);
    this.#path.fill(this.#forest, this.#leaf[request]!, this.#leafBlocks[request]!);
    this.#addBlocks(target, -this.#prefixes.remove(target, this.#path) - this.#private[request]!);
    this.activeRequests[target]! -= 1;
    this.#onTarget.remove(request, target);
    this.#target[request] = -1;
  }

  /** The target is gone: its requests are dropped. */
  removeTarget(target: number, nowNs: Ns = 0): void {
    for (let request = this.#onTarget.first(target); request >= 0; ) {
      this.free(request, nowNs);
      request = this.#onTarget.first(target);
    }
  }

  /**
   * Lets time pass: stale requests are dropped, when it is time to look for them, and the tokens of
   * prompts under way shrink. `adding` says that a request is about to be added.
   */
  catchUp(nowNs: Ns, adding: boolean, changed: LoadListener): void {
    if (this.#admissions !== undefined) this.#dropStale(this.#admissions, nowNs, adding, changed);
    if (this.#decay !== undefined) this.#shrink(this.#decay, nowNs, changed);
  }

  /** The sweep at which the oldest active request will be dropped; Infinity = none will. */
  nextStaleNs(): Ns {
    return this.#admissions?.nextStaleNs() ?? Number.POSITIVE_INFINITY;
  }

  /** Whether prompt tokens shrink as time passes. */
  get shrinks(): boolean {
    return this.#decay !== undefined;
  }

  /** When the target's prompt tokens will have shrunk to `limit`; Infinity = not without a fact. */
  prefillFallsToNs(target: number, limit: number, nowNs: Ns): Ns {
    return this.#decay?.fallsToNs(target, limit, nowNs) ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Fills `match` with the leading blocks of the path that are active on each target; first levels
   * in use on more than `longestList` targets count as hot, see there.
   */
  match(path: PromptPath, match: PrefixMatch, longestList = Infinity): void {
    this.#prefixes.match(path, this.#targets, match, longestList);
  }

  /** True while an active request uses the node, which then must not be freed. */
  usesNode(node: number): boolean {
    return this.#prefixes.uses(node);
  }

  #refuseDuplicate(request: number): void {
    const target = this.targetOf(request);
    if (target < 0) return;
    const message = `request ${request} is active already`;
    throw new WindtunnelError('router_duplicate_request', message, { request, target });
  }

  #addBlocks(target: number, blocks: number): void {
    this.#whole[target]! += blocks;
    const whole = this.#whole[target]!;
    const { activeBlocks } = this;
    if (this.#outputs === undefined || this.#weights === undefined) {
      activeBlocks[target] = whole;
      return;
    }
    const units = this.#outputs.unitsOn(target) - this.#weights.lackingOn(target);
    activeBlocks[target] = Math.round((whole * WHOLE_BLOCK + units) / WHOLE_BLOCK);
  }

  #addPrefill(request: number, target: number, load: SequenceLoad, nowNs: Ns): void {
    const { prefillTokens } = load;
    if (this.#decay === undefined) {
      this.#prefill[request] = prefillTokens;
      this.activePrefillTokens[target]! += prefillTokens;
      return;
    }
    this.#decay.add(request, target, prefillTokens, load.expectedPrefillNs, nowNs);
    this.activePrefillTokens[target] = this.#decay.tokensAt(target, nowNs);
  }

  #dropStale(admissions: Admissions, nowNs: Ns, adding: boolean, changed: LoadListener): void {
    const untilNs = admissions.staleUntil(nowNs, adding);
    if (untilNs < 0) return;
    for (;;) {
      const request = admissions.takeStale(untilNs);
      if (request < 0) return;
      const target = this.targetOf(request);
      this.free(request, nowNs);
      changed(target);
    }
  }

  #shrink(decay: PrefillDecay, nowNs: Ns, changed: LoadListener): void {
    const { activePrefillTokens } = this;
    for (let target = 0; target < this.#targets; target++) {
      if (!decay.decays(target)) continue;
      const tokens = decay.tokensAt(target, nowNs);
      if (tokens === activePrefillTokens[target]) continue;
      activePrefillTokens[target] = tokens;
      changed(target);
    }
  }

  #growRequests(limit: number): void {
    const before = this.#target.length;
    this.#target = growColumn(this.#target, limit).fill(-1, before);
    this.#leaf = growColumn(this.#leaf, limit);
    this.#leafBlocks = growColumn(this.#leafBlocks, limit);
    this.#private = growColumn(this.#private, limit);
    this.#prefill = growColumn(this.#prefill, limit);
    this.#waits = growColumn(this.#waits, limit);
  }
}
