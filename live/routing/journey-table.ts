import { RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { RequestNote } from '#core/journal/note-writer.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Journey, UNKNOWN_TOKENS } from './journey.ts';
import type { LiveBlocks } from './live-blocks.ts';
import type { RouteAsk } from './route-ask.ts';
import { SessionNumbers } from './session-numbers.ts';

/** What a journal calls what is asked of a prompt. */
const TASKS = { generate: 0, embed: 1 } as const;

/** Tenants that a journal can name; the requests of others count as nobody's. */
const MOST_TENANTS = 65_536;

/** The requests under way, by the numbers that routers know them by. */
export class JourneyTable {
  readonly #blocks: LiveBlocks;
  readonly #blockSize: number;
  readonly #now: () => Ns;
  readonly #rows = new RowAllocator();
  readonly #journeys: (Journey | undefined)[] = [];
  readonly #sessions: SessionNumbers;
  readonly #tenants = new Map<string, number>();
  #lent = 0;

  /** `sessionIdleNs`: see `SessionNumbers`. */
  constructor(blocks: LiveBlocks, blockSize: number, now: () => Ns, sessionIdleNs: Ns) {
    this.#blocks = blocks;
    this.#blockSize = blockSize;
    this.#now = now;
    this.#sessions = new SessionNumbers(sessionIdleNs);
  }

  /** Requests that somebody still has to do with. */
  get count(): number {
    return this.#rows.used - this.#lent;
  }

  /** A number for a request of another router, which is none of those here, until `takeBack`. */
  lend(): number {
    this.#lent++;
    return this.#rows.take();
  }

  /** No router knows the number any more. */
  takeBack(request: number): void {
    this.#lent--;
    this.#rows.give(request);
  }

  /** Sessions that are remembered. */
  get sessions(): number {
    return this.#sessions.count;
  }

  /** A request comes; it is held once for the caller. */
  open(ask: RouteAsk): Journey {
    const nowNs = this.#now();
    const { inputTokens, hashes } = ask.prompt;
    // Routers are told of freed nodes here, and where one throws nothing has been taken yet.
    const leaf = this.#blocks.intern(hashes);
    const session = ask.session === undefined ? undefined : this.#sessions.open(ask.session, nowNs);
    const isNextTurn = session !== undefined && session.active === 1 && session.endedNs >= 0;
    const query = newRouteQuery();
    query.request = this.#rows.take();
    query.leaf = leaf;
    query.leafBlocks = hashes.length > 0 ? 1 : 0;
    query.totalBlocks = hashes.length;
    query.tailBlocks = Math.max(0, Math.floor(inputTokens / this.#blockSize) - hashes.length);
    query.inputTokens = inputTokens;
    query.expectedOutputTokens = ask.outputTokens;
    query.priority = ask.priority;
    query.strictPriority = ask.strictPriority;
    const journey = new Journey({
      ask,
      query,
      session,
      thinkNs: isNextTurn ? nowNs - session.endedNs : -1,
      tenant: ask.tenant === undefined ? -1 : this.#numberOf(ask.tenant),
      over: (one) => this.#close(one),
    });
    this.#journeys[query.request] = journey;
    return journey;
  }

  /** What a journal says of a request that arrives. */
  readonly describe = (request: number, out: RequestNote): void => {
    const journey = this.#journeys[request];
    if (journey === undefined) return;
    const { ask, session, thinkNs, tenant } = journey;
    out.line = 0;
    // What was generated is known when it has ended, and told then.
    out.outputTokens = UNKNOWN_TOKENS;
    out.session = session?.number ?? -1;
    out.sessionSerial = session?.serial ?? 0;
    out.sessionName = session?.name ?? '';
    out.thinkNs = thinkNs;
    out.tenant = tenant;
    out.tenantName = ask.tenant ?? '';
    out.task = TASKS[ask.task];
  };

  #close(journey: Journey): void {
    const { request, query, session, booked, terms } = journey;
    this.#journeys[request] = undefined;
    if (session !== undefined) this.#sessions.close(session, this.#now());
    for (const [pool, id] of terms) pool.terms.release(id);
    // A router that throws here may still know the request: its number and blocks stay taken then.
    for (const pool of [...booked]) pool.forget(request);
    this.#rows.give(request);
    this.#blocks.release(query.leaf);
  }

  #numberOf(tenant: string): number {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    if (this.#tenants.size === MOST_TENANTS) return -1;
    this.#tenants.set(tenant, this.#tenants.size);
    return this.#tenants.size - 1;
  }
}
