import type { Ns } from '#core/base/time.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import { RowList } from '../engine/row-list.ts';
import { NEVER, RequestStatus } from '../workload/request-table.ts';
import { askWorker } from './ask-worker.ts';
import type { DisaggregationParts, HandOffHost } from './disaggregation-parts.ts';
import { HandOff } from './hand-off.ts';
import { HandOffDepartures } from './hand-off-departures.ts';
import type { Pool } from './pool.ts';

/** What has happened to a hand-off and has not been acted on. */
const Fact = { held: 0, reserved: 1, activated: 2, released: 3 } as const;

/**
 * Takes requests from a prefill worker to a decode worker. What workers, routers and transfers say
 * is kept as facts until all passes of the moment have ended, and then acted on in that order.
 */
export class Disaggregation {
  readonly #host: HandOffHost;
  readonly #parts: DisaggregationParts;
  /** Requests whose clients have left on the way. */
  readonly departures: HandOffDepartures;
  readonly #factRows = new RowList();
  readonly #factKinds = new RowList();

  constructor(host: HandOffHost, parts: DisaggregationParts) {
    this.#host = host;
    this.#parts = parts;
    this.departures = new HandOffDepartures(host, parts, (row) => this.closeRow(row));
  }

  get nextTransferNs(): Ns {
    return this.#parts.transfers.nextEndNs;
  }

  /** A request arrives: its first leg is routed, unless it is asked before whether it has two. */
  arrive(row: number): void {
    const { prefill, decode, handOffs } = this.#parts;
    if (!handOffs.asks) {
      this.#begin(row);
      return;
    }
    decode.askWherePrefilled(row, prefill, handOffs, this.#host.nowNs);
    this.#host.applyDecisions(decode);
  }

  /** The decode worker that serves the request computes its prompt, too. */
  bypassed(row: number, target: number, verdict: number): void {
    const { handOffs } = this.#parts;
    handOffs.judged(row, verdict);
    handOffs.decodeWorker[row] = target;
  }

  /** The prompt of the request is computed by a prefill worker. */
  sentRemote(row: number, verdict: number): void {
    this.#parts.handOffs.judged(row, verdict);
    this.#begin(row);
  }

  #begin(row: number): void {
    const { handOffs } = this.#parts;
    handOffs.open(row);
    if (handOffs.order === 'source_first') this.#askPrefill(row);
    else this.#askDecode(row);
  }

  /** Whether the request is on its way from a prefill worker to a decode worker. */
  has(row: number): boolean {
    return this.#parts.handOffs.has(row);
  }

  /** A router has chosen a target; room on a decode worker is asked for at once. */
  routed(pool: Pool, row: number, target: number): void {
    const { nowNs } = this.#host;
    const { handOffs } = this.#parts;
    if (pool.role === 'prefill') {
      handOffs.prefillWorker[row] = target;
      handOffs.prefillRoutedNs[row] = nowNs;
      if (this.#parts.streams !== undefined) this.#openStream(row);
      return;
    }
    handOffs.decodeWorker[row] = target;
    handOffs.decodeRoutedNs[row] = nowNs;
    askWorker('reserve', row, target, pool, this.#host);
  }

  /** A pass of a worker has begun: what it computes may leave while it runs. */
  passBegan(pool: Pool, index: number): void {
    const { streams } = this.#parts;
    if (streams === undefined || pool.role !== 'prefill') return;
    const { passEndNs } = pool.workers[index]!;
    for (let target = index * pool.ranks; target < (index + 1) * pool.ranks; target++) {
      streams.passBegan(target, passEndNs, this.#host.nowNs);
    }
  }

  /** A pass of a worker has ended, or an idle one has done what it was told. */
  passEnded(pool: Pool, index: number): void {
    const worker = pool.workers[index]!;
    if (pool.role === 'prefill') this.#streamPass(pool, index);
    this.#note(worker.activated, Fact.activated);
    this.#note(worker.released, Fact.released);
    this.#note(worker.held, Fact.held);
    this.#note(worker.reserved, Fact.reserved);
  }

  /** Acts on all facts, and on transfers that are over by now. */
  advance(nowNs: Ns): void {
    const { transfers } = this.#parts;
    for (;;) {
      this.#actOnFacts();
      const row = transfers.takeEnded(nowNs);
      if (row < 0) return;
      this.#transferred(row);
    }
  }

  /** A worker is done with a request; one of the prefill pool would go on, had it not been refused. */
  ended(pool: Pool, row: number): void {
    const { requests } = this.#parts;
    if (pool.role === 'prefill') {
      requests.status[row] = RequestStatus.rejected;
      requests.terminalNs[row] = this.#host.nowNs;
    }
    if (requests.status[row] === RequestStatus.rejected) this.failed(row);
  }

  /** A router or a worker has turned the request away: what it holds elsewhere is given back. */
  failed(row: number): void {
    const { handOffs, legs } = this.#parts;
    const state = handOffs.fail(row);
    const sourceFirst = handOffs.order === 'source_first';
    if (state === HandOff.reserving) {
      if (sourceFirst) this.#release(row);
      return;
    }
    legs.letGo(row);
    if (handOffs.prefillWorker[row]! >= 0) this.#parts.streams?.drop(row);
    if (!sourceFirst) this.#withdraw(row);
  }

  /** The request has ended, or the run has: its columns tell of both legs from now on. */
  closeRow(row: number): void {
    const { handOffs, legs, requests } = this.#parts;
    if (!handOffs.has(row) || !legs.has(row)) return;
    const leg = legs.requests;
    handOffs.prefillAdmitNs[row] = leg.firstAdmitNs[row]!;
    handOffs.decodeAdmitNs[row] = requests.firstAdmitNs[row]!;
    requests.firstAdmitNs[row] = leg.firstAdmitNs[row]!;
    requests.firstReusedTokens[row] = leg.firstReusedTokens[row]!;
    const reused = Math.max(leg.reusedTokens[row]!, requests.reusedTokens[row]!);
    requests.reusedTokens[row] = reused;
    requests.lostTokens[row]! += leg.lostTokens[row]!;
    requests.prefilledTokens[row]! += leg.prefilledTokens[row]!;
    // Both legs are one way into the batch; more than one admission means a preemption.
    requests.admissions[row] = leg.admissions[row]! + Math.max(0, requests.admissions[row]! - 1);
  }

  /** The run is over: so are the columns of those that it has cut off. */
  finish(): void {
    const { handOffs, requests } = this.#parts;
    handOffs.reserve(requests.count);
    for (let row = 0; row < requests.count; row++) {
      if (requests.terminalNs[row] === NEVER) this.closeRow(row);
    }
    this.departures.finish();
  }

  #streamPass(pool: Pool, index: number): void {
    const { streams } = this.#parts;
    if (streams === undefined) return;
    for (let target = index * pool.ranks; target < (index + 1) * pool.ranks; target++) {
      streams.passEnded(target, this.#host.nowNs);
    }
  }

  /** Room stands on a decode worker, and a prefill worker is about to compute the prompt. */
  #openStream(row: number): void {
    const { handOffs, streams, requests, bytesPerToken } = this.#parts;
    streams?.open({
      row,
      source: handOffs.prefillWorker[row]!,
      destination: handOffs.decodeWorker[row]!,
      bytes: this.#movedTokens(row) * bytesPerToken,
      bytesPerToken,
      promptTokens: requests.inputTokens[row]!,
    });
  }

  /** Tokens that the decode worker is to be given. */
  #movedTokens(row: number): number {
    const { handOffs, requests, decode, movesMissing } = this.#parts;
    if (!movesMissing) return requests.inputTokens[row]!;
    const destination = handOffs.decodeWorker[row]!;
    return decode.workers[Math.floor(destination / decode.ranks)]!.missingTokens(row);
  }

  #note(rows: RowList, fact: number): void {
    for (let entry = 0; entry < rows.count; entry++) {
      this.#factRows.push(rows.rows[entry]!);
      this.#factKinds.push(fact);
    }
    rows.clear();
  }

  #actOnFacts(): void {
    const rows = this.#factRows;
    const kinds = this.#factKinds;
    for (let entry = 0; entry < rows.count; entry++) {
      const row = rows.rows[entry]!;
      // Its client has left since: its worker has been told to take that back.
      if (this.#parts.handOffs.hasFailed(row) && kinds.rows[entry] !== Fact.released) continue;
      switch (kinds.rows[entry]) {
        case Fact.held:
          this.#held(row);
          break;
        case Fact.reserved:
          this.#reserved(row);
          break;
        case Fact.activated:
          this.#activated(row);
          break;
        default:
          this.#released(row);
      }
    }
    rows.clear();
    kinds.clear();
  }

  #held(row: number): void {
    this.#tellDecode()?.remotelyPrefilled(row, this.#host.nowNs);
    if (this.#parts.handOffs.sourceHeld(row, this.#host.nowNs)) this.#transfer(row);
    else this.#askDecode(row);
  }

  #reserved(row: number): void {
    if (this.#parts.handOffs.reserved(row, this.#host.nowNs)) {
      this.#transfer(row);
      return;
    }
    this.#tellDecode()?.roomReserved(row, this.#host.nowNs);
    this.#askPrefill(row);
  }

  #askPrefill(row: number): void {
    const { prefill, legs } = this.#parts;
    legs.open(row);
    prefill.arrive(row, this.#host.nowNs);
    this.#host.applyDecisions(prefill);
  }

  #askDecode(row: number): void {
    const { decode, handOffs } = this.#parts;
    if (!handOffs.asks) decode.arrive(row, this.#host.nowNs);
    else decode.takeOver(row, this.#host.nowNs);
    this.#host.applyDecisions(decode);
  }

  #transfer(row: number): void {
    const { handOffs, transfers, streams, bytesPerToken } = this.#parts;
    const { nowNs } = this.#host;
    const bytes = this.#movedTokens(row) * bytesPerToken;
    const source = handOffs.prefillWorker[row]!;
    handOffs.transferNs[row] = streams?.beganNs(row, nowNs) ?? nowNs;
    handOffs.transferBytes[row] = bytes;
    transfers.start(row, source, handOffs.decodeWorker[row]!, bytes, nowNs);
  }

  #transferred(row: number): void {
    const { handOffs, decode } = this.#parts;
    handOffs.transferred(row, this.#host.nowNs);
    askWorker('activate', row, handOffs.decodeWorker[row]!, decode, this.#host);
  }

  /** The router that learns from hand-offs where prompts are best computed. */
  #tellDecode(): RoutingMachine | undefined {
    const { decode, handOffs } = this.#parts;
    return handOffs.asks ? decode.router : undefined;
  }

  #activated(row: number): void {
    this.#tellDecode()?.handedOver(row, this.#host.nowNs);
    this.#parts.handOffs.activated(row, this.#host.nowNs);
    this.#release(row);
  }

  /** Asks the prefill worker to let go of the prompt. */
  #release(row: number): void {
    const { handOffs, prefill } = this.#parts;
    askWorker('release', row, handOffs.prefillWorker[row]!, prefill, this.#host);
  }

  #released(row: number): void {
    const { handOffs, prefill, legs } = this.#parts;
    const { nowNs } = this.#host;
    handOffs.released(row, nowNs);
    legs.letGo(row);
    prefill.router.free(row, nowNs);
    this.#host.applyDecisions(prefill);
  }

  /** Gives back the room of a request that the prefill side has turned away. */
  #withdraw(row: number): void {
    const { handOffs, decode } = this.#parts;
    askWorker('withdraw', row, handOffs.decodeWorker[row]!, decode, this.#host);
    decode.router.free(row, this.#host.nowNs);
    this.#host.applyDecisions(decode);
  }
}
