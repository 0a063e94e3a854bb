import { openStream } from '#core/base/random.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';
import { OUTCOMES } from '#core/router/decisions.ts';
import type { Attempts } from './attempts.ts';
import { FollowUps } from './follow-ups.ts';
import { RequestStatus, type RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';
import type { Workload } from './workload.ts';

type ClientConfig = NonNullable<WorkloadConfig['client']>;

/** Without `retry_max_ms` a wait grows to so many times the first. */
const LONGEST_WAIT = 16;

/** From this status on, an answer says that the fault is not the client's. */
const SERVER_FAULT = 500;

/**
 * Clients that try again: an attempt that was turned away or timed out is followed by another, with a
 * row and an arrival of its own, after a wait that grows from one to the next. To the workload inside
 * a request ends with its last attempt, so it keeps its place under a cap and its turn in a session
 * meanwhile.
 */
export class ClientLoop implements Workload {
  readonly #inner: Workload;
  readonly #config: ClientConfig;
  readonly #seed: number;
  readonly #requests: RequestTable;
  readonly #sessions: SessionTable;
  readonly #attempts: Attempts;
  readonly #retries = new FollowUps();

  constructor(
    inner: Workload,
    config: ClientConfig,
    seed: number,
    requests: RequestTable,
    sessions: SessionTable,
    attempts: Attempts,
  ) {
    this.#inner = inner;
    this.#config = config;
    this.#seed = seed;
    this.#requests = requests;
    this.#sessions = sessions;
    this.#attempts = attempts;
  }

  get nextArrivalNs(): Ns {
    return Math.min(this.#inner.nextArrivalNs, this.#retries.nextNs);
  }

  take(nowNs: Ns): number {
    return this.#retries.nextNs <= this.#inner.nextArrivalNs
      ? this.#retries.take()
      : this.#inner.take(nowNs);
  }

  ended(row: number, nowNs: Ns): void {
    if (this.#mayRetry(row)) {
      const retryNs = nowNs + this.#waitNs(row);
      if (retryNs < this.#attempts.leavesNs(row)) {
        this.#retries.add(this.#attempts.next(row, retryNs), retryNs);
        return;
      }
    }
    const first = this.#attempts.firstOf(row);
    const failed = this.#requests.status[row] !== RequestStatus.completed;
    if (failed && this.#config.failed_turn === 'end') this.#sessions.abandon(first);
    this.#inner.ended(first, nowNs);
  }

  #mayRetry(row: number): boolean {
    const { status, rejection } = this.#requests;
    const { retry_on, max_attempts } = this.#config;
    if (this.#attempts.before(row) + 1 >= max_attempts) return false;
    if (status[row] === RequestStatus.timedOut) return retry_on.includes('timed_out');
    if (status[row] !== RequestStatus.rejected) return false;
    return OUTCOMES[rejection[row]!]!.httpStatus >= SERVER_FAULT && retry_on.includes('rejected');
  }

  /**
   * min(base · factor^n, longest) for the n-th retry from 0, less a random part. Drawn for each
   * attempt by itself, so that another order of events changes no wait.
   */
  #waitNs(row: number): Ns {
    const { retry_base_ms: baseMs, retry_factor, retry_jitter_ratio, retry_max_ms } = this.#config;
    const { line, turn } = this.#requests;
    const retry = this.#attempts.before(row);
    const wholeMs = Math.min(baseMs * retry_factor ** retry, retry_max_ms ?? baseMs * LONGEST_WAIT);
    const name = `workload.retry.${line[row]}.${turn[row]}.${retry}`;
    const left = 1 - retry_jitter_ratio * openStream(this.#seed, name).nextFloat();
    return msToNs(wholeMs * left);
  }
}
