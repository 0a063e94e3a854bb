/** A request of small whole numbers: milliseconds and tokens. */
export interface LegRequest {
  readonly atMs: number;
  readonly input: number;
  readonly output: number;
}

/** Two pools behind round robin in which nobody is short of blocks, places or tokens of a pass. */
export interface LegCluster {
  readonly prefillWorkers: number;
  readonly decodeWorkers: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly transferMsPerToken: number;
}

/** When the prompt was computed, when its cache had come, and when each token came out. */
export interface LegMoments {
  heldMs: number;
  arrivedMs: number;
  readonly tokensMs: number[];
}

interface Worker {
  /** End of the pass under way, −1 = none. */
  endMs: number;
  /** Requests that the pass computes or decodes, and those that come in with the next one. */
  running: number[];
  next: number[];
  /** Requests that have asked for room, or for their place in the batch, while a pass is under way. */
  asking: number[];
  filled: number[];
}

const idle = (): Worker => ({ endMs: -1, running: [], next: [], asking: [], filled: [] });

/** Source first, a millisecond after the other: passes end, caches come, requests arrive, passes begin. */
export function flyTwoLegs(requests: readonly LegRequest[], cluster: LegCluster): LegMoments[] {
  const moments = requests.map((): LegMoments => ({ heldMs: -1, arrivedMs: -1, tokensMs: [] }));
  const prefill = Array.from({ length: cluster.prefillWorkers }, idle);
  const decode = Array.from({ length: cluster.decodeWorkers }, idle);
  const decoder: number[] = [];
  const transferEndMs = requests.map(() => -1);
  let sent = 0;
  let asked = 0;
  const isOver = (row: number): boolean => moments[row]!.tokensMs.length === requests[row]!.output;
  const reserve = (row: number, nowMs: number): void => {
    transferEndMs[row] = nowMs + requests[row]!.input * cluster.transferMsPerToken;
  };
  for (let nowMs = 0; !requests.every((_, row) => isOver(row)); nowMs++) {
    const held = prefill.flatMap((worker) => (worker.endMs === nowMs ? end(worker) : []));
    for (const worker of decode.filter(({ endMs }) => endMs === nowMs)) {
      for (const row of end(worker)) {
        moments[row]!.tokensMs.push(nowMs);
        if (!isOver(row)) worker.next.push(row);
      }
      for (const row of worker.asking.splice(0)) reserve(row, nowMs);
      worker.next.push(...worker.filled.splice(0));
    }
    for (const row of held) {
      moments[row]!.heldMs = nowMs;
      decoder[row] = asked++ % decode.length;
      const worker = decode[decoder[row]!]!;
      if (worker.endMs < 0) reserve(row, nowMs);
      else worker.asking.push(row);
    }
    for (const [row, endMs] of transferEndMs.entries()) {
      if (endMs !== nowMs) continue;
      moments[row]!.arrivedMs = nowMs;
      const worker = decode[decoder[row]!]!;
      (worker.endMs < 0 ? worker.next : worker.filled).push(row);
    }
    for (const [row, { atMs }] of requests.entries()) {
      if (atMs === nowMs) prefill[sent++ % prefill.length]!.next.push(row);
    }
    for (const worker of prefill) begin(worker, nowMs + cluster.prefillMs);
    for (const worker of decode) begin(worker, nowMs + cluster.decodeMs);
  }
  return moments;
}

function end(worker: Worker): number[] {
  worker.endMs = -1;
  return worker.running.splice(0);
}

function begin(worker: Worker, endMs: number): void {
  if (worker.endMs >= 0 || worker.next.length === 0) return;
  worker.running = worker.next.splice(0);
  worker.endMs = endMs;
}
