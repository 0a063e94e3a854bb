import { assertDefined } from '#core/base/assert.ts';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { RowAllocator } from '#core/base/columns.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';

interface KnownTerms {
  readonly key: string;
  users: number;
}

/**
 * The ids by which a router knows what requests ask for. Requests that ask for the same share one;
 * an id that no request uses any more comes to stand for other terms.
 */
export class TermsPool {
  readonly #router: Pick<RouterFacts, 'defineTerms'>;
  readonly #ids = new Map<string, number>();
  readonly #known: KnownTerms[] = [];
  readonly #rows = new RowAllocator();

  constructor(router: Pick<RouterFacts, 'defineTerms'>) {
    this.#router = router;
  }

  /** Ids in use. */
  get used(): number {
    return this.#rows.used;
  }

  /** The id of terms, taken for one request until `release`; −1 where nothing is asked for. */
  take(terms: RouteTerms): number {
    const key = canonicalJson(terms);
    if (key === '{}') return -1;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#rows.take();
      this.#ids.set(key, id);
      this.#known[id] = { key, users: 0 };
      this.#router.defineTerms(id, terms);
    }
    assertDefined(this.#known[id], 'terms that have an id are known').users++;
    return id;
  }

  /** A request needs its terms no more; −1 is fine. */
  release(id: number): void {
    if (id < 0) return;
    const known = assertDefined(this.#known[id], 'terms are released that were taken');
    if (--known.users > 0) return;
    this.#ids.delete(known.key);
    this.#rows.give(id);
  }
}
