import { growColumn } from '#core/base/columns.ts';

/** The moment of another request that a request waits for. */
export const Trigger = { end: 0, start: 1 } as const;

/** How a request comes to be sent. */
export const StartRule = {
  /** A first turn at its time, a later turn a think time after the one before it in its session. */
  turn: 0,
  /** By the requests that it names, and not before its time. */
  graph: 1,
} as const;

/**
 * What the requests of a batch wait for, where a trace says so request by request: a request is sent
 * when each of its predecessors has ended (or was sent), a delay later, and not before its own time.
 *
 *     rule[row]                         StartRule
 *     start[row] … start[row + 1]       its predecessors in the columns below
 *     requestId[at]                     name of the predecessor, a request of an earlier row
 *     trigger[at]                       Trigger
 *     delayMs[at]                       from that moment on
 */
export class Predecessors {
  rule = new Uint8Array(16);
  start = new Int32Array(17);
  trigger = new Uint8Array(16);
  delayMs = new Float64Array(16);
  readonly requestId: string[] = [];

  /** A new row, which follows the rule of turns until told otherwise. */
  appendRow(row: number): void {
    if (row >= this.rule.length) {
      this.rule = growColumn(this.rule, row + 1);
      this.start = growColumn(this.start, this.rule.length + 1);
    }
    this.rule[row] = StartRule.turn;
    this.start[row + 1] = this.start[row]!;
  }

  /** Adds a predecessor to `row`, the last one; the row is then sent by what it names. */
  append(row: number, requestId: string, trigger: number, delayMs: number): void {
    const at = this.start[row + 1]!++;
    this.trigger = growColumn(this.trigger, at + 1);
    this.delayMs = growColumn(this.delayMs, at + 1);
    this.rule[row] = StartRule.graph;
    this.requestId[at] = requestId;
    this.trigger[at] = trigger;
    this.delayMs[at] = delayMs;
  }

  /** Copies what a row of another batch waits for to `row`, the last one here. */
  copyRow(row: number, source: Predecessors, from: number): void {
    for (let at = source.start[from]!; at < source.start[from + 1]!; at++) {
      this.append(row, source.requestId[at]!, source.trigger[at]!, source.delayMs[at]!);
    }
    this.rule[row] = source.rule[from]!;
  }

  /** Forgets the rows from `count` on. */
  truncate(count: number): void {
    this.requestId.length = this.start[count]!;
  }
}
