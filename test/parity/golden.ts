import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '#core/base/errors.ts';

/** A statistic of several runs of the peer; a plain number was equal in all of them. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** Runs behind it, where they are more than those of the case. */
  readonly runs?: number;
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
  readonly prefill_engine?: Readonly<Record<string, unknown>>;
  readonly decode_engine?: Readonly<Record<string, unknown>>;
  readonly prefill_workers?: number;
  readonly decode_workers?: number;
  readonly router_config?: Readonly<Record<string, unknown>>;
  readonly router_policy_yaml?: string;
  readonly arrival_speedup_ratio?: number;
  readonly replay_concurrency?: number;
  readonly max_sim_time_ms?: number;
  readonly kv_event_lag_ms?: number;
  readonly sla_ttft_ms?: number;
  readonly sla_itl_ms?: number;
  readonly sla_e2e_ms?: number;
  readonly rows?: boolean;
}

export interface GoldenAnswer {
  readonly summary?: Readonly<Record<string, Expected>>;
  readonly requests?: readonly GoldenRow[];
  readonly error?: string;
}

/** What the real program printed for an input. */
export interface Golden {
  readonly name: string;
  /** Runs of the peer behind the numbers of a whole trace. */
  readonly runs?: number;
  readonly input: GoldenInput;
  readonly expect: GoldenAnswer;
  /** Paths that differed between runs of the peer and were left out. */
  readonly not_compared?: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a golden. The name falls back to the file's.
 *
 * @throws InputError when the file is no golden: no JSON, no input, or nothing to compare with.
 */
export function readGolden(path: string): Golden {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    throw new InputError('input_missing', 'the case cannot be read', { file: path, received });
  }
  return parseGolden(path, text);
}

/** The golden in a text; `file` names it in errors. */
function parseGolden(file: string, text: string): Golden {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    throw new InputError('trace_invalid', 'the case is no JSON', { file, received });
  }
  const problem = problemOf(value);
  if (problem !== undefined) {
    throw new InputError('trace_invalid', problem, {
      file,
      allowed: 'an object with "input" and "expect", as a run of the peer with its case makes it',
    });
  }
  const golden = value as Golden;
  return { ...golden, name: golden.name ?? basename(file, '.json') };
}

function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'the case is no object';
  const { input, expect } = value;
  if (!isObject(input)) return 'the case has no input';
  if (!isObject(expect)) return 'the case has no expect, so there is nothing to compare';
  const { summary, requests, error } = expect;
  if (!isObject(summary) && !Array.isArray(requests) && typeof error !== 'string') {
    return 'the expect of the case holds neither summary, requests nor error';
  }
  return undefined;
}

export function isSpread(value: Expected | undefined): value is Spread {
  return typeof value === 'object' && value !== null;
}
