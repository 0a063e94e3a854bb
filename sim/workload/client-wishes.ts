import { growColumn } from '#core/base/columns.ts';
import { openStream, type RandomStream } from '#core/base/random.ts';
import { msToNs, type Ns } from '#core/base/time.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';
import { TRACE_TASKS, type TraceClient } from '#traces/client.ts';
import type { RequestTable } from './request-table.ts';

type Cancellation = NonNullable<WorkloadConfig['cancellation']>;

/** Longer than any run: 104 days. */
const LONGEST_NS: Ns = 9e15;

/**
 * Writes down how long the client of a request waits, and for what: as its row of the trace says,
 * else as the config does. Two numbers are drawn for each row, whatever they decide, so that another
 * ratio or mean leaves the draws of all others where they were.
 */
export class ClientWishes {
  readonly #cancellation: Cancellation | undefined;
  readonly #firstTokenTimeoutMs: number | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #stream: RandomStream;

  constructor({ cancellation, client }: WorkloadConfig, seed: number) {
    this.#cancellation = cancellation;
    this.#firstTokenTimeoutMs = client?.ttft_timeout_ms;
    this.#timeoutMs = client?.timeout_ms;
    this.#stream = openStream(seed, 'workload.cancellation');
  }

  fill(requests: RequestTable, row: number, said: TraceClient = {}): void {
    if (said.task !== undefined) requests.task[row] = TRACE_TASKS.indexOf(said.task);
    const { cancelAfterMs, cancelAfterTokens } = this.#leaving(said);
    const { firstTokenTimeoutMs: first = this.#firstTokenTimeoutMs } = said;
    const { timeoutMs: whole = this.#timeoutMs } = said;
    if (cancelAfterTokens !== undefined) {
      requests.cancelAfterTokens = growColumn(requests.cancelAfterTokens, row + 1);
      requests.cancelAfterTokens[row] = cancelAfterTokens;
    }
    requests.cancelAfterNs = withSpan(requests.cancelAfterNs, row, cancelAfterMs);
    requests.firstTokenTimeoutNs = withSpan(requests.firstTokenTimeoutNs, row, first);
    requests.timeoutNs = withSpan(requests.timeoutNs, row, whole);
  }

  /** When a client leaves by itself. */
  #leaving(said: TraceClient): Pick<TraceClient, 'cancelAfterMs' | 'cancelAfterTokens'> {
    const cancellation = this.#cancellation;
    if (cancellation === undefined) return said;
    const leaves = this.#stream.nextFloat() < cancellation.ratio;
    const factor = factorOf(cancellation.distribution, this.#stream.nextFloat());
    if (said.cancelAfterMs !== undefined || said.cancelAfterTokens !== undefined) return said;
    if (!leaves) return {};
    const { after_ms: ms, after_tokens: tokens } = cancellation;
    if (ms !== undefined) return { cancelAfterMs: ms * factor };
    return { cancelAfterTokens: Math.max(1, Math.round(tokens! * factor)) };
  }
}

/** A factor with mean 1, from a number that is uniform in [0, 1). */
function factorOf(distribution: Cancellation['distribution'], uniform: number): number {
  if (distribution === 'constant') return 1;
  return distribution === 'uniform' ? 2 * uniform : -Math.log1p(-uniform);
}

/** The column with a span of at least a nanosecond at `row`; as it is where there is none. */
function withSpan(
  column: Float64Array<ArrayBuffer>,
  row: number,
  ms: number | undefined,
): Float64Array<ArrayBuffer> {
  if (ms === undefined) return column;
  const grown = growColumn(column, row + 1);
  grown[row] = Math.min(LONGEST_NS, Math.max(1, msToNs(ms)));
  return grown;
}
