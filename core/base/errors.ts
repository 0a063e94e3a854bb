import { hideCredentials, hideSecrets } from './hide-secrets.ts';

/**
 * Expected failures carry a stable code and data, so that scripts can react and a frontend can add
 * advice. Exit codes: 1 ran but failed, 2 bad input, 3 refused for resources.
 */
export type ErrorCode =
  | 'config_invalid'
  | 'config_version_unsupported'
  | 'trace_invalid'
  | 'trace_unreadable'
  | 'trace_unordered'
  | 'trace_untimed'
  | 'journal_invalid'
  | 'journal_version_unsupported'
  | 'journal_unreadable'
  | 'journal_outdated'
  | 'input_missing'
  | 'output_unwritable'
  | 'usage'
  | 'policy_invalid'
  | 'block_double_release'
  | 'block_use_after_release'
  | 'block_state'
  | 'block_size_mismatch'
  | 'index_parent_not_found'
  | 'index_block_not_found'
  | 'index_invalid_sequence'
  | 'router_no_endpoints'
  | 'router_duplicate_request'
  | 'router_queue_rejected'
  | 'router_pin_needs_rank'
  | 'simulation_stalled'
  | 'simulation_livelocked'
  | 'time_exhausted'
  | 'model_invalid'
  | 'model_too_large'
  | 'engine_unknown'
  | 'points_invalid'
  | 'evidence_invalid'
  | 'calibration_invalid'
  | 'calibration_version_unsupported'
  | 'calibration_unidentified'
  | 'model_unknown'
  | 'gpu_unknown'
  | 'kv_event_invalid'
  | 'service_unreachable'
  | 'resource_refused';

export type ErrorData = Readonly<Record<string, unknown>>;

/** The base of every typed error. `data` is JSON-ready. */
export class WindtunnelError extends Error {
  override readonly name: string = 'WindtunnelError';
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }

  /** The exit status of a command that ends with this error. */
  get exitCode(): number {
    return 1;
  }
}

/** Where a bad value stands: a file and line, a path inside a config, or both. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  /** Counts from 1; only where a line is given. */
  readonly column?: number;
  readonly path?: string;
}

export interface InputErrorOptions extends Place {
  readonly received?: unknown;
  readonly allowed?: string;
  readonly nearest?: string;
  readonly remedy?: string;
}

/** `file:line:column: path` as far as known. */
export function formatPlace(place: Place): string {
  const file = place.file === undefined ? '' : place.file;
  const line = place.line === undefined ? '' : `${file === '' ? 'line ' : ':'}${place.line}`;
  const column = line === '' || place.column === undefined ? '' : `:${place.column}`;
  const where = `${file}${line}${column}`;
  if (place.path === undefined || place.path === '') return where;
  return where === '' ? place.path : `${where}: ${place.path}`;
}

function shorten(value: unknown): string {
  // JSON would show NaN and Infinity as null, and refuses a BigInt.
  const plain = typeof value === 'number' || typeof value === 'bigint';
  const text = plain ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/**
 * The user wrote something that cannot be used: says where, what, what is allowed, what was meant.
 * Secrets in what was written are hidden, here once for all who show it.
 */
export class InputError extends WindtunnelError {
  override readonly name = 'InputError';
  readonly place: Place;
  /** What is wrong, without where and what. */
  readonly problem: string;

  constructor(code: ErrorCode, problem: string, written: InputErrorOptions = {}) {
    const options = withoutSecrets(written);
    const where = formatPlace(options);
    const parts = [where === '' ? problem : `${where}: ${problem}`];
    if ('received' in options) parts.push(`received ${shorten(options.received)}`);
    if (options.allowed !== undefined) parts.push(`allowed: ${options.allowed}`);
    if (options.nearest !== undefined) parts.push(`did you mean "${options.nearest}"?`);
    if (options.remedy !== undefined) parts.push(options.remedy);
    super(code, hideCredentials(parts.join('; ')), { ...options });
    this.place = options;
    this.problem = hideCredentials(problem);
  }

  override get exitCode(): number {
    return 2;
  }
}

function withoutSecrets(options: InputErrorOptions): InputErrorOptions {
  if (!('received' in options)) return options;
  return { ...options, received: hideSecrets(options.received, options.path) };
}

/** The machine is too small for what was asked. */
export class ResourceError extends WindtunnelError {
  override readonly name = 'ResourceError';

  constructor(message: string, data: ErrorData) {
    super('resource_refused', message, data);
  }

  override get exitCode(): number {
    return 3;
  }
}
