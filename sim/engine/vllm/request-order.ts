import type { RequestTable } from '../../workload/request-table.ts';
import type { SequenceTable } from '../rank/sequence-table.ts';

/**
 * Who matters more to an engine that schedules by priority: the request of higher priority and, among
 * equals, the one that joined a queue first. The priority is that of the trace, of which Dynamo says
 * that higher comes first; vLLM's own `priority` is its negation, which Dynamo hands over.
 */
export class RequestOrder {
  readonly #requests: RequestTable;
  readonly #sequences: SequenceTable;

  constructor(requests: RequestTable, sequences: SequenceTable) {
    this.#requests = requests;
    this.#sequences = sequences;
  }

  isBefore(row: number, other: number): boolean {
    const { priority } = this.#requests;
    if (priority[row] !== priority[other]) return priority[row]! > priority[other]!;
    const { joined } = this.#sequences;
    return joined[row]! < joined[other]!;
  }
}
