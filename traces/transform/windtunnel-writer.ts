import type { TraceBatch } from '../batch.ts';
import { TRACE_SCHEMA, TRACE_VERSION, TRIGGER_NAMES } from '../formats/windtunnel-keys.ts';
import { StartRule } from '../predecessors.ts';
import { rowFacts } from './mooncake-writer.ts';
import { type Naming, RowIds } from './row-ids.ts';
import type { TraceWriter, WrittenTrace } from './trace-writer.ts';

/** Writes rows in our own format, which can say all that a trace may hold. */
export class WindtunnelWriter implements TraceWriter {
  readonly #ids: RowIds;
  #hasContent = false;

  /** @param tenants of each of the files merged, in place of what their rows say; none keeps those */
  constructor(naming: Naming, tenants: readonly string[] = []) {
    this.#ids = new RowIds(naming, tenants);
  }

  get withoutContent(): number {
    return this.#ids.withoutContent;
  }

  begin({ blockSize, hasContent, resendsOutput }: WrittenTrace): string {
    this.#hasContent = hasContent;
    const header = {
      schema: TRACE_SCHEMA,
      version: TRACE_VERSION,
      block_size: blockSize,
      has_content: hasContent,
      resends_output: resendsOutput,
    };
    return `${JSON.stringify(header)}\n`;
  }

  line(batch: TraceBatch, row: number, blockSize: number, file: string, source = 0): string {
    const nameOf = (name: string): string => this.#ids.nameOf(name, source);
    const group = batch.groupId[row];
    const object = {
      ...rowFacts(batch, row, this.#ids, file, source),
      ...(group === undefined ? {} : { group_id: nameOf(group) }),
      ...(batch.predecessors.rule[row] === StartRule.graph && {
        after: predecessorsOf(batch, row, nameOf),
      }),
      input_length: batch.inputTokens[row]!,
      output_length: batch.outputTokens[row]!,
      ...(this.#hasContent && {
        hash_ids: this.#ids.blockIds(batch, row, blockSize, file, source),
      }),
    };
    return `${JSON.stringify(object)}\n`;
  }
}

function predecessorsOf(
  { predecessors }: TraceBatch,
  row: number,
  nameOf: (name: string) => string,
): readonly object[] {
  const { start, requestId, trigger, delayMs } = predecessors;
  return requestId.slice(start[row], start[row + 1]).map((name, index) => {
    const at = start[row]! + index;
    return { request_id: nameOf(name), on: TRIGGER_NAMES[trigger[at]!], delay: delayMs[at] };
  });
}
