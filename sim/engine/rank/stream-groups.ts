import { growColumn } from '#core/base/columns.ts';
import type { QuantileSketch } from '#core/base/sketch.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import type { DecodeMembers } from '../batch/decode-members.ts';
import type { PassClock } from './pass-clock.ts';

/**
 * Tokens as clients see them of a server that sends them in groups: the first at once, then every
 * `interval` tokens together, and what is left when the request ends (vLLM's and TensorRT-LLM's
 * stream_interval). A group comes a gap after the one before, and its tokens at one moment.
 *
 *     #sentNs[row]  when the last group of a request was sent; NaN = none yet
 *     #held[row]    tokens that it has got since
 *     #began[row]   1 = its second token has been sent
 */
export class StreamGroups {
  readonly #interval: number;
  readonly #requests: RequestTable;
  readonly #gapsNs: QuantileSketch;
  #sentNs = new Float64Array(0);
  #held = new Int32Array(0);
  #began = new Uint8Array(0);

  /** `gapsNs` gets a gap for each token but the first of a request. */
  constructor(interval: number, requests: RequestTable, gapsNs: QuantileSketch) {
    this.#interval = interval;
    this.#requests = requests;
    this.#gapsNs = gapsNs;
  }

  /** Every member got a token from each pass that ends: of a leap, at the end of each of its passes. */
  passed(members: DecodeMembers, clock: PassClock): void {
    for (let slot = 0; slot < members.size; slot++) this.#pass(members.rowAt(slot), clock);
  }

  /** A request that had tokens before got one more. */
  token(row: number, nowNs: Ns): void {
    this.#open(row);
    if (++this.#held[row]! === this.#interval) this.#send(row, nowNs);
  }

  /** A request is over: what it has got is sent. */
  end(row: number, nowNs: Ns): void {
    if (row >= this.#held.length) return;
    if (this.#held[row]! > 0) this.#send(row, nowNs);
    // Its row may be given to another one.
    this.#sentNs[row] = Number.NaN;
    this.#began[row] = 0;
  }

  #pass(row: number, clock: PassClock): void {
    const { passes } = clock;
    this.#open(row);
    let pass = 0;
    if (Number.isNaN(this.#sentNs[row]!)) {
      pass = 1;
      this.#sentNs[row] = endOf(clock, pass);
    }
    while (pass < passes) {
      const missing = this.#interval - this.#held[row]!;
      if (missing > passes - pass) {
        this.#held[row]! += passes - pass;
        return;
      }
      pass += missing;
      this.#held[row] = this.#interval;
      this.#send(row, endOf(clock, pass));
    }
  }

  /** A first token that a prefill gave, here or on another worker, was sent at once. */
  #open(row: number): void {
    if (row >= this.#held.length) {
      const before = this.#sentNs.length;
      this.#sentNs = growColumn(this.#sentNs, row + 1);
      this.#sentNs.fill(Number.NaN, before);
      this.#held = growColumn(this.#held, row + 1);
      this.#began = growColumn(this.#began, row + 1);
    }
    const firstNs = this.#requests.firstTokenNs[row]!;
    if (Number.isNaN(this.#sentNs[row]!) && firstNs !== NEVER) this.#sentNs[row] = firstNs;
  }

  #send(row: number, nowNs: Ns): void {
    const held = this.#held[row]!;
    this.#gapsNs.add(nowNs - this.#sentNs[row]!);
    if (held > 1) this.#gapsNs.add(0, held - 1);
    if (this.#began[row] === 0) this.#requests.secondTokenNs[row] = nowNs;
    this.#began[row] = 1;
    this.#sentNs[row] = nowNs;
    this.#held[row] = 0;
  }
}

/** When a pass of those that end together ended. */
function endOf({ startNs, endNs, passes, leap }: PassClock, pass: number): Ns {
  return pass === passes ? endNs : startNs + leap!.spanNs(pass);
}
