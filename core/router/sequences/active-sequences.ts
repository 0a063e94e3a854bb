import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { WindtunnelError } from '#core/base/errors.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { PrefixMatch } from '../index/prefix-match.ts';
import { PromptPath } from '../index/prompt-path.ts';
import { ActivePrefixes } from './active-prefixes.ts';

/** What a request brings to its target, besides its path. */
export interface SequenceLoad {
  /** The prompt's leaf, −1 = track no shared blocks. */
  readonly leaf: number;
  readonly leafBlocks: number;
  /** Blocks that no other request ever shares. */
  readonly privateBlocks: number;
  /** Prompt tokens that still have to be prefilled. */
  readonly prefillTokens: number;
}

/**
 * The load that the router has placed on each target and not yet heard the end of. A request lives
 * from `add` through `prefillCompleted` (optional) to `free`.
 *
 *     activeBlocks[target]          prompt blocks in use, a shared prefix counted once
 *     activePrefillTokens[target]   prompt tokens not yet prefilled
 *     activeRequests[target]        requests
 *
 *     #target[request]              its target, −1 = not active
 *     #leaf, #leafBlocks, #private  its blocks
 *     #prefill[request]             its tokens in activePrefillTokens, 0 after completion
 *     #next, #previous[request]     the target's requests as a list, −1 = end
 */
export class ActiveSequences {
  activeBlocks = new Int32Array(16);
  activePrefillTokens = new Float64Array(16);
  activeRequests = new Int32Array(16);
  readonly #forest: BlockForest;
  readonly #prefixes = new ActivePrefixes();
  readonly #path = new PromptPath();
  #first = new Int32Array(16).fill(-1);
  #targets = 16;
  #target = new Int32Array(64).fill(-1);
  #leaf = new Int32Array(64);
  #leafBlocks = new Int32Array(64);
  #private = new Int32Array(64);
  #prefill = new Int32Array(64);
  #next = new Int32Array(64);
  #previous = new Int32Array(64);

  constructor(forest: BlockForest) {
    this.#forest = forest;
  }

  /** Makes room for targets up to `limit` − 1. */
  reserveTargets(limit: number): void {
    if (limit <= this.#targets) return;
    const targets = this.#targets;
    this.activeBlocks = growColumn(this.activeBlocks, limit);
    this.activePrefillTokens = growColumn(this.activePrefillTokens, limit);
    this.activeRequests = growColumn(this.activeRequests, limit);
    this.#first = growColumn(this.#first, limit).fill(-1, targets);
    this.#targets = this.#first.length;
  }

  /** The target of an active request, or −1. */
  targetOf(request: number): number {
    return request < this.#target.length ? this.#target[request]! : -1;
  }

  /**
   * Books a request on a target. An id that is active already is refused with
   * `router_duplicate_request`, and nothing changes.
   */
  add(request: number, target: number, load: SequenceLoad): void {
    assert(request >= 0 && target >= 0, 'request and target ids are not negative');
    if (this.targetOf(request) >= 0) {
      const data = { request, target: this.targetOf(request) };
      throw new WindtunnelError(
        'router_duplicate_request',
        `request ${request} is active already`,
        data,
      );
    }
    this.reserveTargets(target + 1);
    if (request >= this.#target.length) this.#growRequests(request + 1);
    this.#link(request, target);
    this.#leaf[request] = load.leaf;
    this.#leafBlocks[request] = load.leafBlocks;
    this.#private[request] = load.privateBlocks;
    this.#prefill[request] = load.prefillTokens;
    this.#path.fill(this.#forest, load.leaf, load.leafBlocks);
    const added = this.#prefixes.add(target, this.#path);
    this.activeBlocks[target]! += added + load.privateBlocks;
    this.activePrefillTokens[target]! += load.prefillTokens;
    this.activeRequests[target]! += 1;
  }

  /** The request's prefill is done; unknown, completed and freed requests are fine. */
  prefillCompleted(request: number): void {
    const target = this.targetOf(request);
    if (target < 0) return;
    this.activePrefillTokens[target]! -= this.#prefill[request]!;
    this.#prefill[request] = 0;
  }

  /** The request has ended, whatever its state; unknown and freed requests are fine. */
  free(request: number): void {
    const target = this.targetOf(request);
    if (target < 0) return;
    this.prefillCompleted(request);
    this.#path.fill(this.#forest, this.#leaf[request]!, this.#leafBlocks[request]!);
    const removed = this.#prefixes.remove(target, this.#path);
    this.activeBlocks[target]! -= removed + this.#private[request]!;
    this.activeRequests[target]! -= 1;
    this.#unlink(request, target);
  }

  /** The target is gone: its requests are dropped. */
  removeTarget(target: number): void {
    if (target >= this.#targets) return;
    while (this.#first[target]! >= 0) this.free(this.#first[target]!);
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

  #growRequests(limit: number): void {
    const before = this.#target.length;
    this.#target = growColumn(this.#target, limit).fill(-1, before);
    this.#leaf = growColumn(this.#leaf, limit);
    this.#leafBlocks = growColumn(this.#leafBlocks, limit);
    this.#private = growColumn(this.#private, limit);
    this.#prefill = growColumn(this.#prefill, limit);
    this.#next = growColumn(this.#next, limit);
    this.#previous = growColumn(this.#previous, limit);
  }

  #link(request: number, target: number): void {
    const first = this.#first[target]!;
    this.#target[request] = target;
    this.#next[request] = first;
    this.#previous[request] = -1;
    if (first >= 0) this.#previous[first] = request;
    this.#first[target] = request;
  }

  #unlink(request: number, target: number): void {
    const next = this.#next[request]!;
    const previous = this.#previous[request]!;
    if (previous >= 0) this.#next[previous] = next;
    else this.#first[target] = next;
    if (next >= 0) this.#previous[next] = previous;
    this.#target[request] = -1;
  }
}
