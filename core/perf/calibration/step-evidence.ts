import { InputError } from '#core/base/errors.ts';
import type { PassSums } from '../pass/pass-sums.ts';

/** One measured pass: what it computed and how long it took. */
export interface StepRow {
  readonly sums: PassSums;
  readonly ms: number;
  /** No pass of the record before had as many tokens. */
  readonly firstOfSize: boolean;
}

/** What turns a share of the KV cache into tokens. */
export interface CacheFacts {
  readonly blocks: number;
  readonly blockSize: number;
}

/** One line of a file. */
export interface TextLine {
  readonly text: string;
  readonly line: number;
}

/** Whether a first line is of vLLM's logged steps, an array, and not of forward-pass metrics. */
export function isLoggedStep(text: string): boolean {
  return text.trimStart().startsWith('[');
}

/**
 * Steps as vLLM logs them with --enable-logging-iteration-details, one array a line: index, prefill
 * requests and tokens, decode requests and tokens, milliseconds, percent of the KV cache in use at
 * the end. What was in the cache when a step began is what the step before left there, and says how
 * much context there was. Throws an InputError with file and line.
 */
export function readLoggedSteps(
  lines: readonly TextLine[],
  file: string,
  { blocks, blockSize }: CacheFacts,
): StepRow[] {
  const rows: StepRow[] = [];
  const sizes = new Sizes();
  let residentTokens = 0;
  for (const { text, line } of lines) {
    const [, prefills, prefillTokens, decodes, , ms, usedPercent] = loggedStep(text, file, line);
    const usedTokens = (usedPercent / 100) * blocks * blockSize;
    if (prefills + decodes > 0 && ms > 0) {
      // The last block of a request is half full on average.
      const resident = Math.max(0, residentTokens - (decodes * blockSize) / 2);
      // What is there beyond the tokens just computed was found in the cache.
      const found =
        prefills === 0
          ? 0
          : Math.max(0, usedTokens - residentTokens - prefillTokens - prefills * blockSize);
      const prefix = decodes === 0 ? resident + found : found;
      rows.push({
        ms,
        firstOfSize: sizes.isFirst(prefillTokens + decodes),
        sums: {
          prefillRequests: prefills,
          prefillTokens,
          prefixTokens: prefills === 0 ? 0 : prefix,
          prefillAttentionPairs:
            prefills === 0 ? 0 : prefillTokens * ((prefix + prefillTokens / 2) / prefills),
          decodeRequests: decodes,
          decodeContextTokens: decodes === 0 ? 0 : resident + decodes,
        },
      });
    }
    residentTokens = usedTokens;
  }
  return rows;
}

type LoggedStep = readonly [number, number, number, number, number, number, number];

function loggedStep(text: string, file: string, line: number): LoggedStep {
  const value = parseJson(text, file, line);
  const isStep =
    Array.isArray(value) && value.length === 7 && value.every((each) => Number.isFinite(each));
  if (isStep) return value as unknown as LoggedStep;
  throw new InputError('evidence_invalid', 'this line is no step', {
    file,
    line,
    received: value,
    allowed:
      '[index, prefillRequests, prefillTokens, decodeRequests, decodeTokens, milliseconds, kvUsedPercent]',
  });
}

/** The part of a forward-pass metric of Dynamo, version 1, that a fit needs. */
interface ScheduledRequests {
  readonly num_prefill_requests: number;
  readonly sum_prefill_tokens: number;
  readonly sum_prefill_kv_tokens: number;
  readonly num_decode_requests: number;
  readonly sum_decode_kv_tokens: number;
}

const SCHEDULED: readonly (keyof ScheduledRequests)[] = [
  'num_prefill_requests',
  'sum_prefill_tokens',
  'sum_prefill_kv_tokens',
  'num_decode_requests',
  'sum_decode_kv_tokens',
];

/** One record of a file, whatever it was written in, and its number from 1. */
export interface EvidenceRow {
  readonly value: unknown;
  readonly line: number;
}

/** A record a line, of JSON. Throws an InputError with file and line where one is none. */
export function jsonRows(lines: readonly TextLine[], file: string): EvidenceRow[] {
  return lines.map(({ text, line }) => ({ value: parseJson(text, file, line), line }));
}

/**
 * Dynamo's forward-pass metrics, version 1, of any number of engines and ranks; heartbeats of idle
 * engines say nothing. Schema: reference planner.md §3.1. Throws an InputError with file, record and
 * key.
 */
export function readForwardPassMetrics(records: readonly EvidenceRow[], file: string): StepRow[] {
  const rows: StepRow[] = [];
  const sizesOf = new Map<string, Sizes>();
  for (const record of records) {
    const { line } = record;
    const value = (record.value ?? {}) as Record<string, unknown>;
    if (value.version !== 1) {
      throw new InputError('evidence_invalid', 'unknown version of forward-pass metrics', {
        file,
        line,
        path: 'version',
        received: value.version ?? null,
        allowed: '1',
      });
    }
    const seconds = value.wall_time as number;
    const scheduled = scheduledOf(value.scheduled_requests, file, line);
    const { num_prefill_requests: prefills, num_decode_requests: decodes } = scheduled;
    if (!(seconds > 0) || prefills + decodes === 0) continue;
    const { sum_prefill_tokens: tokens, sum_prefill_kv_tokens: prefix } = scheduled;
    const engine = `${value.worker_id} ${value.dp_rank}`;
    const sizes = sizesOf.get(engine) ?? new Sizes();
    sizesOf.set(engine, sizes);
    rows.push({
      ms: seconds * 1000,
      firstOfSize: sizes.isFirst(tokens + decodes),
      sums: {
        prefillRequests: prefills,
        prefillTokens: tokens,
        prefixTokens: prefix,
        prefillAttentionPairs: prefills === 0 ? 0 : tokens * ((prefix + tokens / 2) / prefills),
        decodeRequests: decodes,
        decodeContextTokens: scheduled.sum_decode_kv_tokens,
      },
    });
  }
  return rows;
}

function scheduledOf(value: unknown, file: string, line: number): ScheduledRequests {
  const fields = (value ?? {}) as Record<string, unknown>;
  const read = SCHEDULED.map((key) => {
    const number = fields[key] ?? 0;
    if (typeof number === 'number' && number >= 0) return [key, number] as const;
    throw new InputError('evidence_invalid', 'this key has no use', {
      file,
      line,
      path: `scheduled_requests.${key}`,
      received: number,
      allowed: 'a number from 0',
    });
  });
  return Object.fromEntries(read) as unknown as ScheduledRequests;
}

function parseJson(text: string, file: string, line: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('evidence_invalid', 'this line is no JSON', { file, line });
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new InputError('evidence_invalid', 'a record is a JSON object or an array', {
    file,
    line,
    received: value,
  });
}

/** Which numbers of tokens a pass has had. */
class Sizes {
  readonly #seen = new Set<number>();

  isFirst(tokens: number): boolean {
    if (this.#seen.has(tokens)) return false;
    this.#seen.add(tokens);
    return true;
  }
}
