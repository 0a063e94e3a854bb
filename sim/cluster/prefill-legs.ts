import { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { NEVER, RequestTable } from '../workload/request-table.ts';

/**
 * What prefill workers know of the requests of a run, which end on decode workers: a table of the
 * same rows of which they write their own moments, and what each holds of its prompt with them.
 */
export class PrefillLegs {
  readonly requests: RequestTable = new RequestTable();
  readonly holders: HolderTable = new HolderTable();
  readonly #whole: RequestTable;
  readonly #prompts: HolderTable;
  readonly #forest: PromptForest;

  /** `whole` and `prompts` are those of the run. */
  constructor(whole: RequestTable, prompts: HolderTable, forest: PromptForest) {
    this.#whole = whole;
    this.#prompts = prompts;
    this.#forest = forest;
  }

  /** In place of those of the run. */
  get tables(): { readonly requests: RequestTable; readonly holders: HolderTable } {
    return { requests: this.requests, holders: this.holders };
  }

  /** Whether the prompt of a request was ever asked for here. */
  has(row: number): boolean {
    return row < this.requests.count && this.requests.arrivalNs[row] !== NEVER;
  }

  /** The prompt of a request is about to be computed; it is held once more. */
  open(row: number): void {
    const whole = this.#whole;
    const { requests } = this;
    while (requests.count <= row) {
      const next = requests.count;
      requests.append(whole.line[next]!, whole.inputTokens[next]!, whole.requestedTokens[next]!);
    }
    requests.arrivalNs[row] = whole.arrivalNs[row]!;
    // What a scheduler goes by.
    requests.priority[row] = whole.priority[row]!;
    requests.task[row] = whole.task[row]!;
    const { leaf, leafBlocks, pathBlocks } = this.#prompts;
    this.holders.open(row, leaf[row]!, leafBlocks[row]!, pathBlocks[row]!);
    if (leaf[row]! >= 0) this.#forest.retain(leaf[row]!);
  }

  /** The prefill worker has let go of it. */
  letGo(row: number): void {
    const leaf = this.holders.leaf[row]!;
    if (leaf >= 0) this.#forest.release(leaf);
  }
}
