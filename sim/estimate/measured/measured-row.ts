import { InputError } from '#core/base/errors.ts';

/** One measured point of a serving benchmark, as a line of JSON describes it. Absent is unknown. */
export interface MeasuredRow {
  readonly id: string;
  /** The study that it belongs to. */
  readonly family?: string;
  /** Where it was published. */
  readonly source?: string;
  readonly model: string;
  readonly gpu: string;
  readonly tp: number;
  readonly pp?: number;
  readonly ep?: number;
  readonly engine: string;
  readonly engine_version?: string;
  readonly precision?: string;
  /** Date, year first. */
  readonly measured?: string;
  readonly notes?: string;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly workload: MeasuredWorkload;
  readonly metrics?: Readonly<Record<string, number | null>>;
}

/** How the load was made. */
export interface MeasuredWorkload {
  readonly kind: string;
  readonly concurrency?: number | null;
  readonly batch?: number;
  readonly request_rate?: number | string;
  readonly arrival?: string;
  readonly duration_s?: number;
  /** Requests that the load generator has under way at most, and when it gives one up. */
  readonly max_concurrency?: number;
  readonly timeout_s?: number;
  readonly num_prompts?: number;
  readonly isl?: number;
  readonly osl?: number;
  readonly isl_mean?: number;
  readonly osl_mean?: number;
  readonly isl_nominal?: number;
  readonly osl_nominal?: number;
  readonly isl_max?: number;
  readonly osl_max?: number;
  readonly isl_dist?: string;
  readonly osl_dist?: string;
  readonly osl_histogram?: { readonly bins: readonly number[]; readonly counts: readonly number[] };
  readonly dataset?: string;
  readonly ignore_eos?: boolean;
  readonly unique_system_prompts?: number;
  readonly users_per_prompt?: number;
  readonly resolved_num_groups?: number;
  readonly resolved_prompts_per_group?: number;
  readonly profile_unique_system_prompts?: number;
  readonly profile_users_per_prompt?: number;
}

const NEEDED = ['model', 'gpu', 'engine'] as const;

/**
 * A line of a points file. Throws an InputError with file and line where it is no JSON, or where a
 * key that every point needs is missing or of the wrong type.
 */
export function readMeasuredRow(text: string, file: string, line: number): MeasuredRow {
  const row = parse(text, file, line);
  for (const key of NEEDED) {
    if (typeof row[key] !== 'string') throw wrong(file, line, key, row[key], 'text');
  }
  const { tp = 1, workload, id = `line-${line}` } = row;
  // Some sources write 0 where experts are not dealt out.
  for (const [key, least] of [
    ['tp', 1],
    ['pp', 1],
    ['ep', 0],
  ] as const) {
    const gpus = row[key] ?? 1;
    if (!Number.isInteger(gpus) || (gpus as number) < least) {
      throw wrong(file, line, key, gpus, `a whole number from ${least}`);
    }
  }
  if (typeof workload !== 'object' || workload === null) {
    throw wrong(file, line, 'workload', workload, 'a mapping with a kind');
  }
  if (typeof (workload as MeasuredWorkload).kind !== 'string') {
    throw wrong(file, line, 'workload.kind', (workload as MeasuredWorkload).kind, 'text');
  }
  return { ...row, tp, id: String(id) } as unknown as MeasuredRow;
}

function parse(text: string, file: string, line: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('points_invalid', 'this line is no JSON', { file, line });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new InputError('points_invalid', 'a point is a JSON object', {
    file,
    line,
    received: value,
  });
}

function wrong(
  file: string,
  line: number,
  path: string,
  received: unknown,
  allowed: string,
): InputError {
  const problem = received === undefined ? 'this key is missing' : 'this key has no use';
  const details = { file, line, path, allowed };
  return new InputError(
    'points_invalid',
    problem,
    received === undefined ? details : { ...details, received },
  );
}
