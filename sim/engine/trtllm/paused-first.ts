import { RowList } from '../row-list.ts';
import type { WaitingLine } from '../vllm/waiting-line.ts';

/**
 * Another line with the paused requests in front: TensorRT-LLM keeps them among its active ones, which
 * are looked at before those that wait.
 */
export class PausedFirst implements WaitingLine {
  /** The last is the first to come back. */
  readonly #paused = new RowList();
  readonly #others: WaitingLine;

  constructor(others: WaitingLine) {
    this.#others = others;
  }

  get size(): number {
    return this.#paused.count + this.#others.size;
  }

  get first(): number {
    const { rows, count } = this.#paused;
    return count > 0 ? rows[count - 1]! : this.#others.first;
  }

  pushBack(row: number): void {
    this.#others.pushBack(row);
  }

  pushFront(row: number): void {
    this.#paused.push(row);
  }

  popFront(): number {
    const paused = this.#paused;
    return paused.count > 0 ? paused.rows[--paused.count]! : this.#others.popFront();
  }

  remove(row: number): void {
    const place = this.#paused.indexOf(row);
    if (place < 0) this.#others.remove(row);
    else this.#paused.removeAt(place);
  }
}
