import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import type { RequestTable } from '../workload/request-table.ts';

/**
 * Tells the router how far requests have generated, where it tracks output blocks. A router in front
 * of real engines sees every token; what it does with them only changes where a block is filled, so
 * only those tokens are told, each as a fact of its own, and only before somebody looks: before
 * requests of the same worker end, and before the router can decide anything.
 *
 *     #told[row]   tokens up to which every filled block has been told
 */
export class ProgressTeller {
  nowNs: Ns = 0;
  readonly #router: Pick<RouterFacts, 'outputProgress'>;
  readonly #requests: RequestTable;
  readonly #blockSize: number;
  #told = new Int32Array(64);

  constructor(
    router: Pick<RouterFacts, 'outputProgress'>,
    requests: RequestTable,
    blockSize: number,
  ) {
    this.#router = router;
    this.#requests = requests;
    this.#blockSize = blockSize;
  }

  /** The request has generated so many tokens by `nowNs`. */
  tell(row: number, generatedTokens: number): void {
    this.#told = growColumn(this.#told, row + 1);
    const told = this.#told[row]!;
    if (generatedTokens <= told) return;
    const blockSize = this.#blockSize;
    // A block is reached into by the first token that the one before has no room for.
    const behind = (this.#requests.inputTokens[row]! + told) % blockSize;
    let token = told + 1 + (behind === 0 ? 0 : blockSize - behind);
    for (; token <= generatedTokens; token += blockSize) {
      this.#router.outputProgress(row, token, this.nowNs);
    }
    this.#told[row] = generatedTokens;
  }
}
