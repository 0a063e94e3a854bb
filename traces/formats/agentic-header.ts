import { InputError } from '#core/base/errors.ts';
import { resolveBlockSize } from './block-size.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  PROMPT_TOKENS,
  requireNumber,
} from './fields.ts';

const SCHEMA = 'dynamo.agentic_mooncake';
const VERSION = 2;

/** What the first line of agentic_mooncake, version 2, says of the file. */
export interface AgenticHeader {
  readonly blockSize: number;
}

/** Whether a first line is a header and not a request. */
export function isAgenticHeader(record: JsonRecord): boolean {
  return Object.hasOwn(record, 'schema') && Object.hasOwn(record, 'version');
}

/** Checks a header; throws an InputError for another schema or version. */
export function readAgenticHeader(
  record: JsonRecord,
  chosenBlockSize: number | undefined,
  place: LinePlace,
): AgenticHeader {
  expect(record, 'schema', SCHEMA, place);
  expect(record, 'version', VERSION, place);
  if (record.hash_id_scope !== undefined) expect(record, 'hash_id_scope', 'local', place);
  const stated = requireNumber(record, 'block_size', PROMPT_TOKENS, place);
  return { blockSize: resolveBlockSize(stated, chosenBlockSize, 'block_size', place) };
}

function expect(record: JsonRecord, path: string, value: unknown, place: LinePlace): void {
  if (record[path] === value) return;
  throw new InputError('trace_invalid', `not a ${path} that can be read`, {
    ...place,
    path,
    received: describeValue(record[path]) ?? 'nothing',
    allowed: String(value),
  });
}
