import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { clientRow } from '../client.ts';
import { mediaRow } from '../media.ts';
import { StartRule } from '../predecessors.ts';
import { routingRow } from '../routing.ts';
import { type Naming, RowIds } from './row-ids.ts';
import type { TraceWriter } from './trace-writer.ts';

/**
 * Writes rows as Mooncake JSONL with our extensions. A row without content gets blocks of its own, so
 * that its prompt shares nothing: the format has no other way to say that nothing is known.
 */
export class MooncakeWriter implements TraceWriter {
  readonly #ids: RowIds;

  /** @param tenants of each of the files merged, in place of what their rows say; none keeps those */
  constructor(naming: Naming, tenants: readonly string[] = []) {
    this.#ids = new RowIds(naming, tenants);
  }

  get withoutContent(): number {
    return this.#ids.withoutContent;
  }

  begin(): string {
    return '';
  }

  /** A row that waits for others by name is refused: the format has no word for it. */
  line(batch: TraceBatch, row: number, blockSize: number, file: string, source = 0): string {
    if (batch.predecessors.rule[row] === StartRule.graph) refuseGraph(batch, row, file);
    const object = {
      ...rowFacts(batch, row, this.#ids, file, source),
      input_length: batch.inputTokens[row]!,
      output_length: batch.outputTokens[row]!,
      hash_ids: this.#ids.blockIds(batch, row, blockSize, file, source),
    };
    return `${JSON.stringify(object)}\n`;
  }
}

/** Times, names and hints of a row, under the keys that Mooncake and our own format share. */
export function rowFacts(
  batch: TraceBatch,
  row: number,
  ids: RowIds,
  file: string,
  source: number,
): Readonly<Record<string, unknown>> {
  const timestamp = batch.timestampMs[row]!;
  const delay = batch.delayMs[row]!;
  const session = batch.sessionId[row];
  const request = batch.requestId[row];
  const tenant = ids.tenantOf(batch.tenantId[row], source);
  const policyClass = batch.policyClass[row];
  const routing = batch.routing[row];
  const client = batch.client[row];
  const media = ids.mediaOf(batch, row, file, source);
  const priority = batch.priority[row]!;
  const strictPriority = batch.strictPriority[row]!;
  return {
    ...(Number.isNaN(timestamp) ? {} : { timestamp }),
    ...(session === undefined ? {} : { session_id: ids.nameOf(session, source) }),
    ...(request === undefined ? {} : { request_id: ids.nameOf(request, source) }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(policyClass === undefined ? {} : { policy_class: policyClass }),
    ...(routing === undefined ? {} : routingRow(routing)),
    ...(client === undefined ? {} : clientRow(client)),
    ...(media === undefined ? {} : mediaRow(media)),
    ...(Number.isNaN(delay) ? {} : { delay }),
    ...(priority === 0 ? {} : { priority }),
    ...(strictPriority === 0 ? {} : { strict_priority: strictPriority }),
  };
}

function refuseGraph(batch: TraceBatch, row: number, file: string): never {
  throw new InputError('trace_invalid', 'Mooncake rows cannot wait for requests by name', {
    file,
    line: batch.line[row]!,
    received: batch.requestId[row] ?? 'a request without a name',
    remedy: 'write our own format instead (--output-format windtunnel)',
  });
}
