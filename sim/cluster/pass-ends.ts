import type { Ns } from '#core/base/time.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { SequenceTable } from '../engine/rank/sequence-table.ts';
import { RowList } from '../engine/row-list.ts';

/** Tells the router of the first tokens and ends of a pass, in the order that the real replay has. */
export class PassEnds {
  readonly #router: RoutingMachine;
  readonly #sequences: SequenceTable;
  readonly #moments = new RowList();
  readonly #sideBySide = new RowList();

  constructor(router: RoutingMachine, sequences: SequenceTable) {
    this.#router = router;
    this.#sequences = sequences;
  }

  /** First tokens and ends of one pass; the order counts only where somebody waits in the router. */
  tell(firstTokens: RowList, ended: RowList, nowNs: Ns): void {
    const router = this.#router;
    if (router.pendingCount > 0 && firstTokens.count > 0 && ended.count > 0) {
      this.#tellInOrder(firstTokens, ended, nowNs);
      return;
    }
    router.freeAll(ended.rows, ended.count, nowNs);
    for (let entry = 0; entry < firstTokens.count; entry++) {
      router.prefillCompleted(firstTokens.rows[entry]!, nowNs);
    }
  }

  /** In the order of admission, and those that end side by side at once. */
  #tellInOrder(firstTokens: RowList, ended: RowList, nowNs: Ns): void {
    const router = this.#router;
    const moments = this.#moments;
    const side = this.#sideBySide;
    for (let entry = 0; entry < ended.count; entry++) moments.push(ended.rows[entry]!);
    for (let entry = 0; entry < firstTokens.count; entry++) {
      const row = firstTokens.rows[entry]!;
      if (ended.indexOf(row) < 0) moments.push(row);
    }
    moments.sortBy(this.#sequences.order);
    for (let entry = 0; entry < moments.count; entry++) {
      const row = moments.rows[entry]!;
      if (ended.indexOf(row) >= 0) {
        side.push(row);
        continue;
      }
      router.freeAll(side.rows, side.count, nowNs);
      side.clear();
      router.prefillCompleted(row, nowNs);
    }
    router.freeAll(side.rows, side.count, nowNs);
    side.clear();
    moments.clear();
  }
}
