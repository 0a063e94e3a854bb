import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { DenseIds } from '../formats/dense-ids.ts';
import { StartRule } from '../predecessors.ts';
import { routingRow } from '../routing.ts';

/** Whether blocks and sessions keep the names that their file gives them, or are told apart by file. */
export type Naming = 'kept' | 'apart';

/**
 * Writes rows as Mooncake JSONL with our extensions, each line with its line end. A row without
 * content gets blocks of its own, so that its prompt shares nothing: the format has no other way to
 * say that nothing is known.
 */
export class MooncakeWriter {
  readonly #naming: Naming;
  readonly #tenants: readonly string[];
  readonly #ids = new DenseIds();
  #withContent = 0;
  #withoutContent = 0;

  /** @param tenants of each of the files merged, in place of what their rows say; none keeps those */
  constructor(naming: Naming, tenants: readonly string[] = []) {
    this.#naming = naming;
    this.#tenants = tenants;
  }

  /** Rows that had no content. */
  get withoutContent(): number {
    return this.#withoutContent;
  }

  /**
   * The line of a row of `file`; `source` is the number of that file among those merged. A row that
   * waits for others by name is refused: the format has no word for it.
   */
  line(batch: TraceBatch, row: number, blockSize: number, file: string, source = 0): string {
    if (batch.predecessors.rule[row] === StartRule.graph) refuseGraph(batch, row, file);
    const timestamp = batch.timestampMs[row]!;
    const delay = batch.delayMs[row]!;
    const session = batch.sessionId[row];
    const request = batch.requestId[row];
    const tenant = this.#tenants[source] ?? batch.tenantId[row];
    const policyClass = batch.policyClass[row];
    const routing = batch.routing[row];
    const priority = batch.priority[row]!;
    const strictPriority = batch.strictPriority[row]!;
    const object = {
      ...(Number.isNaN(timestamp) ? {} : { timestamp }),
      ...(session === undefined ? {} : { session_id: this.#nameOf(session, source) }),
      ...(request === undefined ? {} : { request_id: request }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(policyClass === undefined ? {} : { policy_class: policyClass }),
      ...(routing === undefined ? {} : routingRow(routing)),
      ...(Number.isNaN(delay) ? {} : { delay }),
      ...(priority === 0 ? {} : { priority }),
      ...(strictPriority === 0 ? {} : { strict_priority: strictPriority }),
      input_length: batch.inputTokens[row]!,
      output_length: batch.outputTokens[row]!,
      hash_ids: this.#blockIds(batch, row, blockSize, file, source),
    };
    return `${JSON.stringify(object)}\n`;
  }

  #nameOf(session: string, source: number): string {
    return this.#naming === 'kept' ? session : `${source + 1}/${session}`;
  }

  #blockIds(
    batch: TraceBatch,
    row: number,
    blockSize: number,
    file: string,
    source: number,
  ): number[] {
    const place = { file, line: batch.line[row]! };
    const given = batch.hashIds.subarray(batch.hashStart[row]!, batch.hashStart[row + 1]!);
    if (given.length > 0) this.#withContent++;
    else this.#withoutContent++;
    if (this.#naming === 'kept' && this.#withContent > 0 && this.#withoutContent > 0) {
      throw new InputError('trace_invalid', 'some rows have hash ids and some have none', {
        ...place,
        remedy: 'rows without content need ids that no other has; leave --share-ids out',
      });
    }
    if (given.length === 0) {
      const blocks = Math.ceil(batch.inputTokens[row]! / blockSize);
      return Array.from({ length: blocks }, () => this.#ids.fresh(place));
    }
    if (this.#naming === 'kept') return Array.from(given);
    return Array.from(given, (id) => this.#ids.of(source, id, place));
  }
}

function refuseGraph(batch: TraceBatch, row: number, file: string): never {
  throw new InputError('trace_invalid', 'Mooncake rows cannot wait for requests by name', {
    file,
    line: batch.line[row]!,
    received: batch.requestId[row] ?? 'a request without a name',
    remedy: 'fly the trace as it is',
  });
}
