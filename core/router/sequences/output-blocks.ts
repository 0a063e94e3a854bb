import { growColumn } from '#core/base/columns.ts';
import { blockUnits, WHOLE_BLOCK } from './block-weights.ts';

/**
 * Blocks that requests have generated. They belong to one request each and are never shared; where
 * the output's length is expected, all of a request's blocks count for the share of the output that
 * is still to come, since a request that will soon end will soon give them back.
 *
 *     #input[request]    prompt tokens
 *     #expected[request] output tokens that are expected, 0 = unknown
 *     #blocks[request]   blocks that its tokens reached into when last looked at
 *     #outputs[request]  output blocks
 *     #units[request]    what they count for together, in units
 *     #total[target]     the sum over a target's requests, in units
 */
export class OutputBlocks {
  readonly #blockSize: number;
  #input = new Int32Array(64);
  #expected = new Int32Array(64);
  #blocks = new Int32Array(64);
  #outputs = new Int32Array(64);
  #units = new Float64Array(64);
  #total = new Float64Array(16);

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  /** What the output blocks of the target's requests count for, in units. */
  unitsOn(target: number): number {
    return target < this.#total.length ? this.#total[target]! : 0;
  }

  /** A request starts with its prompt; `expectedTokens` of output, 0 = unknown. */
  open(request: number, inputTokens: number, expectedTokens: number): void {
    this.#input = growColumn(this.#input, request + 1);
    this.#expected = growColumn(this.#expected, request + 1);
    this.#blocks = growColumn(this.#blocks, request + 1);
    this.#outputs = growColumn(this.#outputs, request + 1);
    this.#units = growColumn(this.#units, request + 1);
    this.#input[request] = inputTokens;
    this.#expected[request] = expectedTokens;
    this.#blocks[request] = Math.ceil(inputTokens / this.#blockSize);
    this.#outputs[request] = 0;
    this.#units[request] = 0;
  }

  /** Whether the request's tokens reach into a block that they did not reach when last looked at. */
  reachesNewBlock(request: number, generatedTokens: number): boolean {
    const blocks = Math.ceil((this.#input[request]! + generatedTokens) / this.#blockSize);
    if (blocks <= this.#blocks[request]!) return false;
    this.#blocks[request] = blocks;
    return true;
  }

  /** The share of the request's output that is still to come; undefined without expectation. */
  fractionLeft(request: number, generatedTokens: number): number | undefined {
    const expected = this.#expected[request]!;
    return expected === 0 ? undefined : Math.max(0, 1 - generatedTokens / expected);
  }

  /**
   * The request has one more output block. With a fraction, all its output blocks count for that
   * much from now on; without, the new one counts whole.
   */
  add(request: number, target: number, fraction: number | undefined): void {
    this.#total = growColumn(this.#total, target + 1);
    const before = this.#units[request]!;
    const outputs = this.#outputs[request]! + 1;
    const units = fraction === undefined ? before + WHOLE_BLOCK : outputs * blockUnits(fraction);
    this.#outputs[request] = outputs;
    this.#units[request] = units;
    this.#total[target]! += units - before;
  }

  /** The request has ended. */
  close(request: number, target: number): void {
    if (this.#units[request] === 0) return;
    this.#total[target]! -= this.#units[request]!;
    this.#units[request] = 0;
  }
}
