import { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import { NO_HOLDS } from '#core/router/index/approximate/routed-index.ts';
import { Router } from '#core/router/router.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import type { JournalReader } from './journal-reader.ts';

/** A journal flown again: the facts that a reader finds are told to a router of its own. */
export class JournalFlight {
  readonly router: Router;
  readonly #reader: JournalReader;

  /**
   * The reader has read the header; `policies` are those of the file that its config names. Throws
   * `journal_invalid` when no router can be so.
   */
  constructor(reader: JournalReader, policies?: UserPolicies) {
    this.#reader = reader;
    const { router, seed, stream } = reader.header;
    try {
      this.router = new Router(router, reader.forest, openStream(seed, stream), NO_HOLDS, policies);
    } catch (error) {
      throw reader.invalid(`no router has these options: ${messageOf(error)}`);
    }
  }

  /** Tells the router the fact that the reader has read last. */
  apply(): void {
    const { fact, values, nowNs } = this.#reader;
    try {
      fact.apply(this.router, values, nowNs);
    } catch (error) {
      // A policy of a user says itself what is wrong with it.
      if (error instanceof InputError) throw error;
      // No router has ever been told such a thing, so the line was not written by one.
      throw this.#reader.invalid(`the router refuses this fact: ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
