import { growColumn } from '#core/base/columns.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import { newOutsideBooking, type OutsideBooking } from '#core/router/replicas/outside-booking.ts';
import type { JournalColumn } from './columns.ts';

/** The numbers of one journal line, and objects to hand them over in. All are reused. */
export class FactValues {
  count = 0;
  /** The object of a line that has one. */
  object: unknown;
  numbers: Float64Array<ArrayBuffer> = new Float64Array(32);
  readonly #query = newRouteQuery();
  readonly #neutral = newRouteQuery();
  readonly #booking = newOutsideBooking();
  #rows = new Int32Array(32);

  /** Appends a number. */
  push(value: number): void {
    if (this.count === this.numbers.length) this.grow();
    this.numbers[this.count++] = value;
  }

  /** Makes room for more numbers; the larger column. */
  grow(): Float64Array<ArrayBuffer> {
    this.numbers = growColumn(this.numbers, this.numbers.length + 1);
    return this.numbers;
  }

  /** The numbers as a query; columns that the line does not have are neutral. */
  fillQuery(columns: readonly JournalColumn<keyof RouteQuery>[]): RouteQuery {
    const query = this.#query;
    for (let index = 0; index < columns.length; index++) {
      const { name } = columns[index]!;
      query[name] = index < this.count ? this.numbers[index]! : this.#neutral[name];
    }
    return query;
  }

  /** The numbers as a request that another router has sent; the line has every column. */
  fillBooking(columns: readonly JournalColumn<keyof OutsideBooking>[]): OutsideBooking {
    const booking = this.#booking;
    for (let index = 0; index < columns.length; index++) {
      booking[columns[index]!.name] = this.numbers[index]!;
    }
    return booking;
  }

  /** The numbers as a list of rows. */
  fillRows(): Int32Array {
    if (this.#rows.length < this.count) this.#rows = growColumn(this.#rows, this.count);
    for (let index = 0; index < this.count; index++) this.#rows[index] = this.numbers[index]!;
    return this.#rows;
  }
}
