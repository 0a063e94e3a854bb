import { readFileSync } from 'node:fs';

/** A statistic of several runs of the peer; a plain number was equal in all of them. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

export type Expected = number | string | null | Spread;

/** One request of the peer's per-request report, with the fields that we compare. */
export interface GoldenRow {
  readonly [field: string]: unknown;
}

export interface GoldenInput {
  readonly trace?: string;
  readonly first_rows?: number;
  readonly requests?: readonly Readonly<Record<string, unknown>>[];
  readonly synthetic?: Readonly<Record<string, number>>;
  readonly trace_block_size?: number;
  readonly trace_format?: string;
  readonly workers?: number;
  readonly router_mode?: string;
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly prefill_engine?: unknown;
  readonly decode_engine?: unknown;
  readonly router_config?: Readonly<Record<string, number | string>>;
  readonly router_policy_yaml?: string;
  readonly arrival_speedup_ratio?: number;
  readonly replay_concurrency?: number;
  readonly max_sim_time_ms?: number;
  readonly kv_event_lag_ms?: number;
  readonly sla_ttft_ms?: number;
  readonly sla_itl_ms?: number;
  readonly sla_e2e_ms?: number;
}

/** What the real program printed for an input. */
export interface Golden {
  readonly name: string;
  readonly runs?: number;
  readonly input: GoldenInput;
  readonly expect: {
    readonly summary?: Readonly<Record<string, Expected>>;
    readonly requests?: readonly GoldenRow[];
    readonly error?: string;
  };
  readonly not_compared?: readonly string[];
}

/** Reads a golden. The name falls back to the file's. */
export function readGolden(path: string): Golden {
  const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  const name = golden.name ?? path.replace(/^.*\//, '').replace(/\.json$/, '');
  return { ...golden, name };
}

export function isSpread(value: Expected | undefined): value is Spread {
  return typeof value === 'object' && value !== null;
}
