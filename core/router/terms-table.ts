import { assertDefined } from '#core/base/assert.ts';
import type { RouteTerms } from './route-terms.ts';

/** The terms that the router was told of, by their ids; an id that is told again has the newer ones. */
export class TermsTable {
  readonly #terms: RouteTerms[] = [];

  define(id: number, terms: RouteTerms): void {
    this.#terms[id] = terms;
  }

  /** The terms of an id that was defined; undefined for −1, the id of none. */
  get(id: number): RouteTerms | undefined {
    return id < 0 ? undefined : assertDefined(this.#terms[id], `terms ${id} are defined`);
  }
}
