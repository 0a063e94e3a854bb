import { growColumn } from '#core/base/columns.ts';
import type { TraceClient } from './client.ts';
import type { TraceMedia } from './media.ts';
import { Predecessors } from './predecessors.ts';
import type { TraceRouting } from './routing.ts';

/**
 * Requests as a trace lists them, in columns; a reader yields them batch by batch.
 *
 *     line[row]            1-based line of the file
 *     timestampMs[row]     milliseconds since the trace's own zero, NaN = the line has none
 *     delayMs[row]         think time after the previous turn of the session, NaN = the line has none
 *     inputTokens[row], outputTokens[row]
 *     priority[row], strictPriority[row]   router hints, 0 = none
 *     sessionId[row], requestId[row]       undefined = the line has none
 *     tenantId[row]                        who the request belongs to, undefined = nobody is named
 *     policyClass[row]                     the router's queue that it asks for, undefined = none
 *     routing[row]                         what it asks of the router beyond that, undefined = nothing
 *     client[row]                          when its client leaves and the like, undefined = nothing is said
 *     media[row]                           its images and the like by their content, undefined = none
 *     groupId[row]         what is kept or dropped as a whole where that is more than a session: a tree
 *                          of agents; undefined = the session
 *     predecessors         requests that a request waits for, where it is not simply the turn before
 *     hashIds[hashStart[row] … hashStart[row + 1])   block ids of the prompt; none when the format
 *                                          knows no content
 */
export class TraceBatch {
  count = 0;
  line = new Int32Array(16);
  timestampMs = new Float64Array(16);
  delayMs = new Float64Array(16);
  inputTokens = new Int32Array(16);
  outputTokens = new Int32Array(16);
  priority = new Float64Array(16);
  strictPriority = new Float64Array(16);
  readonly sessionId: (string | undefined)[] = [];
  readonly requestId: (string | undefined)[] = [];
  readonly tenantId: (string | undefined)[] = [];
  readonly policyClass: (string | undefined)[] = [];
  readonly routing: (TraceRouting | undefined)[] = [];
  readonly client: (TraceClient | undefined)[] = [];
  readonly media: (TraceMedia | undefined)[] = [];
  readonly groupId: (string | undefined)[] = [];
  readonly predecessors: Predecessors = new Predecessors();
  hashStart = new Int32Array(17);
  hashIds = new Uint32Array(64);

  /** Appends a row without content; its hash ids follow through `appendHashId`. */
  append(line: number, inputTokens: number, outputTokens: number): number {
    const row = this.count++;
    if (row >= this.line.length) this.#grow(row + 1);
    this.line[row] = line;
    this.timestampMs[row] = Number.NaN;
    this.delayMs[row] = Number.NaN;
    this.inputTokens[row] = inputTokens;
    this.outputTokens[row] = outputTokens;
    this.hashStart[row + 1] = this.hashStart[row]!;
    this.sessionId.push(undefined);
    this.requestId.push(undefined);
    this.tenantId.push(undefined);
    this.policyClass.push(undefined);
    this.routing.push(undefined);
    this.client.push(undefined);
    this.media.push(undefined);
    this.groupId.push(undefined);
    this.predecessors.appendRow(row);
    return row;
  }

  /** Adds a block id to the prompt of the last row. */
  appendHashId(id: number): void {
    const end = this.hashStart[this.count]!;
    this.hashIds = growColumn(this.hashIds, end + 1);
    this.hashIds[end] = id;
    this.hashStart[this.count] = end + 1;
  }

  /** Appends a row of another batch, with its prompt. */
  appendRow(source: TraceBatch, from: number): void {
    this.appendFacts(source, from);
    for (let at = source.hashStart[from]!; at < source.hashStart[from + 1]!; at++) {
      this.appendHashId(source.hashIds[at]!);
    }
  }

  /** Appends a row of another batch without the ids of its prompt; returns the new row. */
  appendFacts(source: TraceBatch, from: number): number {
    const row = this.append(
      source.line[from]!,
      source.inputTokens[from]!,
      source.outputTokens[from]!,
    );
    this.timestampMs[row] = source.timestampMs[from]!;
    this.delayMs[row] = source.delayMs[from]!;
    this.priority[row] = source.priority[from]!;
    this.strictPriority[row] = source.strictPriority[from]!;
    this.sessionId[row] = source.sessionId[from];
    this.requestId[row] = source.requestId[from];
    this.tenantId[row] = source.tenantId[from];
    this.policyClass[row] = source.policyClass[from];
    this.routing[row] = source.routing[from];
    this.client[row] = source.client[from];
    this.media[row] = source.media[from];
    this.groupId[row] = source.groupId[from];
    this.predecessors.copyRow(row, source.predecessors, from);
    return row;
  }

  /** Forgets the last rows, so that `count` are left. */
  truncate(count: number): void {
    this.count = count;
    this.sessionId.length = count;
    this.requestId.length = count;
    this.tenantId.length = count;
    this.policyClass.length = count;
    this.routing.length = count;
    this.client.length = count;
    this.media.length = count;
    this.groupId.length = count;
    this.predecessors.truncate(count);
  }

  #grow(rows: number): void {
    this.line = growColumn(this.line, rows);
    this.timestampMs = growColumn(this.timestampMs, rows);
    this.delayMs = growColumn(this.delayMs, rows);
    this.inputTokens = growColumn(this.inputTokens, rows);
    this.outputTokens = growColumn(this.outputTokens, rows);
    this.priority = growColumn(this.priority, rows);
    this.strictPriority = growColumn(this.strictPriority, rows);
    this.hashStart = growColumn(this.hashStart, this.line.length + 1);
  }
}
