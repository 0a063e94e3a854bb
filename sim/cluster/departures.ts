import type { Ns } from '#core/base/time.ts';
import { RowList } from '../engine/row-list.ts';
import type { RequestTable } from '../workload/request-table.ts';
import { askWorker } from './ask-worker.ts';
import type { ClientWatch } from './client-watch.ts';
import type { Disaggregation } from './disaggregation.ts';
import type { HandOffHost } from './disaggregation-parts.ts';
import type { EncodeStage } from './encode/encode-stage.ts';
import type { Pool } from './pool.ts';

/** What a cluster does for clients who leave. */
export interface DeparturesHost extends HandOffHost {
  /** To its client a request is over at this moment. */
  clientLeft(row: number): void;
}

/** Where the request of a client who leaves may be. */
export interface DeparturesParts {
  readonly clients: ClientWatch;
  readonly requests: RequestTable;
  /** The one that serves whole requests, or decodes. */
  readonly pool: Pool;
  readonly encode: EncodeStage | undefined;
  readonly disaggregation: Disaggregation | undefined;
}

/**
 * Takes requests back whose clients leave before they are over. All routers are told of all of them
 * before any worker is, so that nobody is decided on in between as if they were still there.
 */
export class Departures {
  readonly #host: DeparturesHost;
  readonly #parts: DeparturesParts;
  /** Scratch: requests whose clients leave at this moment. */
  readonly #leaving = new RowList();

  constructor(host: DeparturesHost, parts: DeparturesParts) {
    this.#host = host;
    this.#parts = parts;
  }

  /** All leave whose moment this is. */
  leave(nowNs: Ns): void {
    const { clients } = this.#parts;
    const leaving = this.#leaving;
    while (clients.nextNs === nowNs) {
      const row = clients.take();
      this.#giveUp(row, nowNs);
      leaving.push(row);
    }
    for (let index = 0; index < leaving.count; index++) this.#cancel(leaving.rows[index]!);
    leaving.clear();
  }

  /** A worker has let go of requests whose clients had left. */
  dropped(pool: Pool, rows: RowList): void {
    const { disaggregation } = this.#parts;
    for (let entry = 0; entry < rows.count; entry++) {
      const row = rows.rows[entry]!;
      if (disaggregation?.has(row)) disaggregation.departures.dropped(pool, row);
      else this.#host.forgetPrompt(row);
    }
    rows.clear();
  }

  /** To its client and to the router a request is over. */
  #giveUp(row: number, nowNs: Ns): void {
    const { clients, requests, pool, encode, disaggregation } = this.#parts;
    requests.status[row] = clients.statusOf(row, nowNs);
    requests.terminalNs[row] = nowNs;
    if (encode?.has(row)) {
      encode.leave(row, nowNs);
    } else if (disaggregation?.has(row)) {
      disaggregation.departures.forget(row);
    } else {
      pool.free(row, nowNs);
      this.#host.applyDecisions(pool);
    }
    this.#host.clientLeft(row);
  }

  /** Whoever has the request lets go of it when the pass under way ends, or at once. */
  #cancel(row: number): void {
    const { requests, pool, disaggregation } = this.#parts;
    if (disaggregation?.has(row)) {
      disaggregation.departures.cancel(row);
      return;
    }
    const target = requests.worker[row]! - pool.firstTarget;
    if (target < 0) {
      this.#host.forgetPrompt(row);
      return;
    }
    askWorker('cancel', row, target, pool, this.#host);
  }
}
