import type { Ns } from '#core/base/time.ts';
import { RowLine } from '../row-line.ts';
import { RowList } from '../row-list.ts';

/** What a rank is asked while a pass is under way, and does when it ends. */
export const Wish = { release: 0, reserve: 1, activate: 2, withdraw: 3 } as const;

export type Wish = (typeof Wish)[keyof typeof Wish];

/** What a rank keeps of the requests that it hands over to other workers, or gets from them. */
export class Handoff {
  /** Requests that wait for their reservation, first come first served. */
  readonly destinations: RowLine = new RowLine();
  /** Requests whose blocks are filled: they come in with the next pass that has a place. */
  readonly joining: RowList = new RowList();
  /** Requests that have blocks and do not run: prompts held, blocks reserved. */
  apart = 0;
  /** Up to when its blocks in use have been added up. */
  countedNs: Ns = 0;
  /** What was wished for in the pass that is under way, in that order, and of which request. */
  readonly wishes: RowList = new RowList();
  readonly wishedBy: RowList = new RowList();
  /** Reservations among them. */
  #asked = 0;

  /** Requests that have asked for a reservation and have none, and those that are to come in. */
  get waiting(): number {
    return this.destinations.count + this.#asked + this.joining.count;
  }

  wish(wish: Wish, row: number): void {
    if (wish === Wish.reserve) this.#asked++;
    this.wishes.push(wish);
    this.wishedBy.push(row);
  }

  /** They have all been carried out. */
  clearWishes(): void {
    this.wishes.clear();
    this.wishedBy.clear();
    this.#asked = 0;
  }
}
