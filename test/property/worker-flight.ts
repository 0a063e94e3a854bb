import type { Ns } from '#core/base/time.ts';
import { ClientWatch } from '#sim/cluster/client-watch.ts';
import { KvEventFeed } from '#sim/cluster/kv-event-feed.ts';
import type { EngineWorker } from '#sim/engine/engine-worker.ts';
import { RowList } from '#sim/engine/row-list.ts';
import { WorkerSample } from '#sim/engine/worker-sample.ts';
import type { LoaderTables } from '#sim/workload/request-loader.ts';
import { RequestStatus } from '#sim/workload/request-table.ts';

/** What a worker said, and when. */
export type WorkerFact = readonly [atNs: Ns, what: string, ...said: unknown[]];

export interface WorkerFlightOptions {
  readonly worker: EngineWorker;
  /** Its requests, by the order of their arrival. */
  readonly tables: LoaderTables;
  readonly arrivalsNs: readonly Ns[];
  /** Moments, in order, at which somebody looks at the worker. */
  readonly looksNs: readonly Ns[];
  /** Nothing is played after that. */
  readonly endNs: Ns;
}

/**
 * Drives one worker that serves whole requests as a cluster would, in the same order within an instant,
 * and writes down everything that it says on the way.
 */
export class WorkerFlight {
  readonly facts: WorkerFact[] = [];
  readonly #options: WorkerFlightOptions;
  readonly #clients: ClientWatch;
  readonly #feed: KvEventFeed;
  #nowNs: Ns = -1;
  #passesBegan = false;
  #arrived = 0;
  #looked = 0;

  constructor(options: WorkerFlightOptions) {
    this.#options = options;
    this.#clients = new ClientWatch(options.tables.requests);
    this.#feed = new KvEventFeed(undefined, options.tables.forest, 0);
  }

  /** Flies until nothing is left to happen. */
  fly(): void {
    const { endNs, looksNs } = this.#options;
    for (;;) {
      const nowNs = this.#nextNs();
      if (nowNs === Number.POSITIVE_INFINITY || nowNs > endNs) return;
      while (looksNs[this.#looked]! < nowNs) this.#look(looksNs[this.#looked++]!);
      this.#passesBegan = nowNs === this.#nowNs;
      this.#nowNs = nowNs;
      this.#playInstant();
    }
  }

  #nextNs(): Ns {
    const { worker, arrivalsNs } = this.#options;
    const endNs = worker.busy ? worker.passEndNs : Number.POSITIVE_INFINITY;
    const arrivalNs = arrivalsNs[this.#arrived] ?? Number.POSITIVE_INFINITY;
    return Math.min(endNs, arrivalNs, this.#clients.nextNs);
  }

  /** Passes that end, clients who leave, requests that arrive, then a pass that begins. */
  #playInstant(): void {
    const { worker, arrivalsNs } = this.#options;
    this.#tellProgress(this.#nowNs);
    this.#completeDue();
    this.#clientsLeave();
    this.#completeDue();
    while (arrivalsNs[this.#arrived] === this.#nowNs) this.#arrive(this.#arrived++);
    this.#completeDue();
    if (worker.busy) return;
    const began = worker.startPass(this.#nowNs);
    this.#note('began', began, began && worker.passEndNs);
    const prompts = new RowList();
    if (began) worker.listPrompts(0, prompts);
    this.#note('prompts', rowsOf(prompts));
  }

  #arrive(row: number): void {
    const { worker, tables } = this.#options;
    const { requests } = tables;
    requests.arrivalNs[row] = this.#nowNs;
    requests.routedNs[row] = this.#nowNs;
    requests.status[row] = RequestStatus.queued;
    this.#clients.arrived(row);
    this.#note('moved', row, worker.enqueue(0, row, this.#nowNs, this.#passesBegan));
  }

  #clientsLeave(): void {
    const { worker, tables } = this.#options;
    const { requests } = tables;
    while (this.#clients.nextNs === this.#nowNs) {
      const row = this.#clients.take();
      requests.status[row] = this.#clients.statusOf(row, this.#nowNs);
      requests.terminalNs[row] = this.#nowNs;
      const moved = worker.cancel(0, row, this.#nowNs, this.#passesBegan);
      this.#note('left', row, moved, requests.outputTokens[row]);
      if (!worker.busy) this.#drain();
    }
  }

  #completeDue(): void {
    const { worker } = this.#options;
    if (!worker.busy || worker.passEndNs !== this.#nowNs) return;
    worker.completePass();
    this.#drain();
  }

  /** Writes down what has come of a pass, or of a client who has left, and takes it away. */
  #drain(): void {
    const { worker, tables } = this.#options;
    const { firstTokens, ended, dropped, version, waitingRequests, isEmpty } = worker;
    this.#note('state', version, waitingRequests, isEmpty);
    this.#note('over', rowsOf(firstTokens), rowsOf(ended), rowsOf(dropped));
    this.#note('handed over', worker.held.count + worker.released.count);
    const { events } = worker.pool(0);
    const { kind, node, blocks, count } = events;
    const columns = [kind, node, blocks].map((column) => [...column.subarray(0, count)]);
    this.#note('events', ...columns);
    this.#feed.publish(0, events, this.#nowNs);
    for (const row of rowsOf(ended)) this.#clients.ended(row);
    const { holders, forest } = tables;
    for (const row of [...rowsOf(ended), ...rowsOf(dropped)]) {
      if (holders.leaf[row]! >= 0) forest.release(holders.leaf[row]!);
    }
    for (const list of [firstTokens, ended, dropped]) list.clear();
  }

  #look(atNs: Ns): void {
    const sample = new WorkerSample();
    this.#options.worker.sample(0, atNs, sample);
    this.facts.push([atNs, 'sample', { ...sample }]);
    this.#tellProgress(atNs);
  }

  #tellProgress(atNs: Ns): void {
    const tell = (row: number, generated: number) =>
      this.facts.push([atNs, 'generated', row, generated]);
    this.#options.worker.tellProgress(atNs, { tell });
  }

  #note(what: string, ...said: readonly unknown[]): void {
    this.facts.push([this.#nowNs, what, ...said]);
  }
}

function rowsOf({ rows, count }: RowList): number[] {
  return [...rows.subarray(0, count)];
}
