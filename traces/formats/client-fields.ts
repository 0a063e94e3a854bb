import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { CLIENT_KEYS, TRACE_TASKS, type TraceClient, type TraceTask } from '../client.ts';
import {
  describeValue,
  type JsonRecord,
  type LinePlace,
  MAX_SPAN_MS,
  type NumberRange,
  OUTPUT_TOKENS,
  readNumber,
} from './fields.ts';

const KEYS = Object.values(CLIENT_KEYS);

/** A nanosecond, the shortest time that the clock of a run can tell. */
const SPAN_MS: NumberRange = {
  integer: false,
  min: 1e-6,
  max: MAX_SPAN_MS,
  allowed: 'milliseconds above 0, up to 9,007,199,254 (104 days)',
};
const TOKEN: NumberRange = {
  ...OUTPUT_TOKENS,
  min: 1,
  allowed: 'an integer from 1 to 1,000,000,000',
};

/** What a row says of its client, undefined = nothing; `outputTokens` is what it asks for. */
export function readClient(
  record: JsonRecord,
  outputTokens: number,
  place: LinePlace,
): TraceClient | undefined {
  if (KEYS.every((key) => record[key] === undefined || record[key] === null)) return undefined;
  const task = readTask(record, place);
  if (task !== undefined && task !== 'generate' && outputTokens > 0) {
    throw new InputError('trace_invalid', `a request of task ${task} generates nothing`, {
      ...place,
      path: 'output_length',
      received: outputTokens,
      allowed: '0',
    });
  }
  const cancelAfterMs = readNumber(record, [CLIENT_KEYS.cancelAfterMs], SPAN_MS, place);
  const cancelAfterTokens = readNumber(record, [CLIENT_KEYS.cancelAfterTokens], TOKEN, place);
  const firstTokenTimeoutMs = readNumber(record, [CLIENT_KEYS.firstTokenTimeoutMs], SPAN_MS, place);
  const timeoutMs = readNumber(record, [CLIENT_KEYS.timeoutMs], SPAN_MS, place);
  return {
    ...(task !== undefined && { task }),
    ...(!Number.isNaN(cancelAfterMs) && { cancelAfterMs }),
    ...(!Number.isNaN(cancelAfterTokens) && { cancelAfterTokens }),
    ...(!Number.isNaN(firstTokenTimeoutMs) && { firstTokenTimeoutMs }),
    ...(!Number.isNaN(timeoutMs) && { timeoutMs }),
  };
}

function readTask(record: JsonRecord, place: LinePlace): TraceTask | undefined {
  const { task } = record;
  if (task === undefined || task === null) return undefined;
  const known = TRACE_TASKS.find((name) => name === task);
  if (known !== undefined) return known;
  const nearest = typeof task === 'string' ? nearestName(task, TRACE_TASKS) : undefined;
  throw new InputError('trace_invalid', 'unknown task', {
    ...place,
    path: CLIENT_KEYS.task,
    received: describeValue(task),
    allowed: TRACE_TASKS.join(', '),
    ...(nearest !== undefined && { nearest }),
  });
}
