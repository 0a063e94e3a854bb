/** What the number of an event says: apply it; it is old; some were missed; its publisher begins anew. */
export type CursorVerdict = 'next' | 'stale' | 'missed' | 'anew';

const FIRST_ID = 1;

/**
 * Where a rank's events have got to. They are numbered from 1 on by each publisher, or from 0; nobody who is not
 * part of Dynamo's request plane can ask for those that were missed, so that a gap stays one.
 */
export class EventCursor {
  #publisher: number | undefined;
  #last = 0;
  #adopts = false;

  /** The next event follows what is known, whatever its number and publisher. */
  adopt(): void {
    this.#adopts = true;
  }

  take(publisher: number, id: number): CursorVerdict {
    if (this.#adopts) {
      this.#adopts = false;
      this.#publisher = publisher;
      this.#last = id;
      return 'next';
    }
    if (publisher !== this.#publisher) {
      this.#publisher = publisher;
      this.#last = id;
      return id <= FIRST_ID ? 'anew' : 'missed';
    }
    if (id <= this.#last) return 'stale';
    const isNext = id === this.#last + 1;
    this.#last = id;
    return isNext ? 'next' : 'missed';
  }
}
