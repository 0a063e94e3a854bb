import { InputError, type Place } from '#core/base/errors.ts';
import { type EvidenceRow, jsonRows, type TextLine } from '#core/perf/calibration/step-evidence.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

/** The first line of a recording: how the server was set and how it was loaded. */
interface Header {
  readonly engine: string;
  readonly settings: {
    readonly maxNumBatchedTokens: number;
    readonly maxNumSeqs: number;
    readonly kvBlocks: number;
    readonly prefixCaching: boolean;
    readonly blockSize?: number;
  };
  readonly load: { readonly prefix_tokens?: number; readonly sweep?: boolean };
}

interface Row {
  readonly phase?: string;
  readonly prefix?: number | null;
  readonly isl: number;
  readonly osl: number;
  readonly sent: number;
  readonly status: number;
  readonly ttft: number;
  readonly e2e: number;
  readonly cached?: number | null;
  readonly tokens?: readonly number[];
}

/** Tokens of a KV block where the header does not say: what those engines ran with. */
const BLOCK_SIZE = 32;
const SUCCEEDED = 200;

/** Whether a first line is the header of such a recording. */
export function isEngineRecording(first: unknown): boolean {
  if (typeof first !== 'object' || first === null) return false;
  const { settings, load } = first as Partial<Header>;
  return settings instanceof Object && load instanceof Object;
}

/**
 * Requests as a load generator recorded them against one vLLM server: a header with the server's
 * settings, then a request a line (reference data `ground-truth/vllm-cpu`). One KV block is vLLM's
 * null block and holds nothing. Throws an InputError with file, line and key.
 */
export function readEngineRecords(lines: readonly TextLine[], file: string): RecordedRun {
  const [first, ...rest] = jsonRows(lines, file);
  const { settings, load, engine } = first!.value as Header;
  for (const key of SETTINGS) {
    needNumber(settings[key], { file, line: first!.line, path: `settings.${key}` });
  }
  const records: RequestRecord[] = [];
  for (const each of rest) {
    const row = readRow(each, file);
    if (row.status === SUCCEEDED) records.push(recordOf(row, load.prefix_tokens ?? 0));
  }
  return {
    name: engine,
    file,
    records,
    closedLoop: load.sweep === true,
    server: {
      maxBatchedTokens: settings.maxNumBatchedTokens,
      maxNumSeqs: settings.maxNumSeqs,
      kvBlocks: settings.kvBlocks - 1,
      prefixCaching: settings.prefixCaching,
      blockSize: settings.blockSize ?? BLOCK_SIZE,
      chunkedPrefill: true,
    },
  };
}

const SETTINGS = ['maxNumBatchedTokens', 'maxNumSeqs', 'kvBlocks'] as const;
const NUMBERS = ['isl', 'osl', 'sent', 'ttft', 'e2e'] as const;

function readRow({ value, line }: EvidenceRow, file: string): Row {
  const row = value as Row;
  needNumber(row.status, { file, line, path: 'status' });
  if (row.status !== SUCCEEDED) return row;
  for (const key of NUMBERS) needNumber(row[key], { file, line, path: key });
  return row;
}

function needNumber(value: unknown, place: Place): void {
  if (Number.isFinite(value)) return;
  throw new InputError('evidence_invalid', 'this key has no use', {
    ...place,
    received: value ?? null,
    allowed: 'a number',
  });
}

function recordOf(row: Row, headTokens: number): RequestRecord {
  const { sent, isl, osl, ttft, e2e, prefix, cached, tokens } = row;
  return {
    sentMs: sent,
    isl,
    osl,
    ttftMs: ttft,
    e2eMs: e2e,
    ...(prefix != null && { head: { id: prefix, tokens: headTokens } }),
    ...(cached != null && { cachedTokens: cached }),
    ...(tokens !== undefined && {
      gapsMs: tokens.slice(1).map((at, index) => at - tokens[index]!),
    }),
  };
}
