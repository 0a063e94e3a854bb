import type { Ns } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { EngineWorker } from '#sim/engine/engine-worker.ts';
import { openEngine } from '#sim/engine/open-engine.ts';
import type { EngineState } from '#sim/engine/rank/engine-state.ts';
import { ApartFlight, type ApartOptions, type HandOver } from '../reference/apart-flight.ts';
import type { HandRow } from '../reference/hand-trace.ts';
import { loadRequests, openPrompts } from './loaded-requests.ts';

/** Two pools and the way from one to the other. */
export interface ApartSetup {
  readonly rows: readonly HandRow[];
  /** Settings of both pools, and what differs. */
  readonly engine: Readonly<Record<string, unknown>>;
  readonly prefill?: Readonly<Record<string, unknown>>;
  readonly decode?: Readonly<Record<string, unknown>>;
  readonly prefillWorkers?: number;
  readonly decodeWorkers?: number;
  readonly traceBlockSize?: number;
  readonly compat?: string;
  readonly copies?: ApartOptions['copies'];
  readonly copyNs?: ApartOptions['copyNs'];
}

/** One pool: its workers, and what they share. */
export interface ApartPool {
  readonly state: EngineState;
  readonly workers: readonly EngineWorker[];
}

/** The pools of a setup, with its requests loaded. */
export function openApart(setup: ApartSetup): { prefill: ApartPool; decode: ApartPool } {
  const { engine, compat = 'none', traceBlockSize = Number(engine.block_size) } = setup;
  const prompts = openPrompts(Number(engine.block_size), traceBlockSize);
  const open = (role: 'prefill' | 'decode', workers: number): ApartPool => {
    const config = resolveConfig({
      engine: { ...engine, ...setup[role] },
      router: { mode: 'round_robin' },
      workload: { trace_block_size: traceBlockSize },
      compat,
    });
    const tables = loadRequests(setup.rows, config, prompts);
    const options = { config, seed: 7, role };
    const { state, openWorker } = openEngine(options, tables, Number.POSITIVE_INFINITY);
    return { state, workers: Array.from({ length: workers }, (_, index) => openWorker(index)) };
  };
  return {
    prefill: open('prefill', setup.prefillWorkers ?? 1),
    decode: open('decode', setup.decodeWorkers ?? 1),
  };
}

/** 1 MB a token at 100 GB/s. */
export function copyNsOfMegabytes(tokens: number): Ns {
  return tokens * 10_000;
}

export interface ApartFlown {
  readonly prefill: ApartPool;
  readonly decode: ApartPool;
  readonly handOvers: readonly HandOver[];
  readonly endNs: Ns;
}

/** Flies a setup; `after` looks on. */
export function flyApart(
  setup: ApartSetup,
  after?: (pools: { prefill: ApartPool; decode: ApartPool }, nowNs: Ns) => void,
): ApartFlown {
  const pools = openApart(setup);
  const { rows, engine, copies = 'full_prompt', copyNs = copyNsOfMegabytes } = setup;
  const flight = new ApartFlight({
    prefill: pools.prefill.workers,
    decode: pools.decode.workers,
    arrivalsNs: rows.map(({ atMs }) => Math.round((atMs! - rows[0]!.atMs!) * 1e6)),
    inputTokens: rows.map(({ input }) => input),
    destinationFirst: engine.backend === 'sglang',
    copyNs,
    copies,
    ...(after && { after: (nowNs) => after(pools, nowNs) }),
  });
  const endNs = flight.fly();
  return { ...pools, handOvers: flight.handOvers, endNs };
}
