import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/** What is known of a prompt that is about to be computed. */
export interface StreamedPrompt {
  readonly row: number;
  /** Targets of the two pools. */
  readonly source: number;
  readonly destination: number;
  /** All that will be moved, and what of it one token is. */
  readonly bytes: number;
  readonly bytesPerToken: number;
  readonly promptTokens: number;
}

/**
 * How far the KV caches of prompts are on their way while these are computed; a row is a request.
 *
 *     bytes     ├── sent ──┤─── ready ───┤─ coming ─┤─ last layer ─┤─ later passes ─┤
 *
 *     bytes[row]        all that will be moved
 *     tokenBytes[row]   of one token
 *     spared[row]       leading tokens that need not be moved
 *     sent[row]         handed to the network so far
 *     ready[row]        computed by passes that have ended
 *     coming[row]       ready, with what the layers of the pass under way add until it ends
 *     passEndNs[row]    end of the last pass that computed any of it
 *     computed[row]     tokens that are computed by then
 *     flow[row]         the piece under way, −1 = none
 *     source[row], destination[row]   targets of the two pools
 *     order[row]        how many streams were opened before it
 *     isOpen[row]       1 = the prompt has a worker and is not computed
 *     isWhole[row]      1 = the prompt is computed
 *     beganNs[row]      when the first piece was sent
 */
export class StreamTable {
  bytes = new Float64Array(16);
  tokenBytes = new Float64Array(16);
  spared = new Float64Array(16);
  sent = new Float64Array(16);
  ready = new Float64Array(16);
  coming = new Float64Array(16);
  passEndNs = new Float64Array(16);
  computed = new Int32Array(16);
  flow = new Int32Array(16);
  source = new Int32Array(16);
  destination = new Int32Array(16);
  order = new Int32Array(16);
  isOpen = new Uint8Array(16);
  isWhole = new Uint8Array(16);
  beganNs = new Float64Array(16);
  #opened = 0;

  open({ row, source, destination, bytes, bytesPerToken, promptTokens }: StreamedPrompt): void {
    if (row >= this.bytes.length) this.#grow(row + 1);
    this.bytes[row] = bytes;
    this.tokenBytes[row] = bytesPerToken;
    this.spared[row] = promptTokens - bytes / bytesPerToken;
    this.sent[row] = 0;
    this.ready[row] = 0;
    this.coming[row] = 0;
    this.passEndNs[row] = -1;
    this.computed[row] = 0;
    this.flow[row] = -1;
    this.source[row] = source;
    this.destination[row] = destination;
    this.order[row] = this.#opened++;
    this.isOpen[row] = 1;
    this.isWhole[row] = 0;
    this.beganNs[row] = -1;
  }

  /** Bytes that can be moved once so many leading tokens are computed. */
  readyWith(row: number, tokens: number): number {
    if (tokens === 0) return 0;
    const moved = Math.max(0, tokens - this.spared[row]!) * this.tokenBytes[row]!;
    return Math.min(this.bytes[row]!, moved);
  }

  /** A pass has begun that computes the tokens [before, after) of a prompt. */
  compute(row: number, before: number, after: number, endNs: Ns, early: number): void {
    this.ready[row] = Math.max(this.ready[row]!, this.readyWith(row, before));
    const added = Math.max(0, this.readyWith(row, after) - this.ready[row]!);
    this.coming[row] = this.ready[row]! + Math.floor(added * early);
    this.computed[row] = after;
    this.passEndNs[row] = endNs;
  }

  #grow(rows: number): void {
    this.bytes = growColumn(this.bytes, rows);
    this.tokenBytes = growColumn(this.tokenBytes, rows);
    this.spared = growColumn(this.spared, rows);
    this.sent = growColumn(this.sent, rows);
    this.ready = growColumn(this.ready, rows);
    this.coming = growColumn(this.coming, rows);
    this.passEndNs = growColumn(this.passEndNs, rows);
    this.computed = growColumn(this.computed, rows);
    this.flow = growColumn(this.flow, rows);
    this.source = growColumn(this.source, rows);
    this.destination = growColumn(this.destination, rows);
    this.order = growColumn(this.order, rows);
    this.isOpen = growColumn(this.isOpen, rows);
    this.isWhole = growColumn(this.isWhole, rows);
    this.beganNs = growColumn(this.beganNs, rows);
  }
}
