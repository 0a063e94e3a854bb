import { InputError } from '#core/base/errors.ts';
import {
  type JsonRecord,
  type LinePlace,
  type NumberRange,
  readName,
  readNumber,
  requireNumber,
} from './fields.ts';
import { readObject } from './json-line.ts';

const EPOCH_MS: NumberRange = {
  integer: false,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  allowed: 'milliseconds since 1970',
};

/** Whether the requests of a trace belong to agent sessions: all of them do, or none. */
export type DynamoContext = 'unknown' | 'agent' | 'none';

/** When a request was received and when it ended, in milliseconds since 1970. */
export function readTimes(
  record: JsonRecord,
  request: JsonRecord,
  place: LinePlace,
): { readonly startMs: number; readonly endMs: number } {
  const eventMs = requireNumber(record, 'event_time_unix_ms', EPOCH_MS, place);
  const receivedMs = readNumber(request, ['request_received_ms'], EPOCH_MS, place);
  const totalMs = Math.round(readNumber(request, ['total_time_ms'], EPOCH_MS, place));
  const duration = Number.isNaN(totalMs) ? 0 : totalMs;
  if (Number.isNaN(receivedMs)) return { startMs: eventMs - duration, endMs: eventMs };
  return { startMs: receivedMs, endMs: Number.isNaN(totalMs) ? eventMs : receivedMs + totalMs };
}

/** The agent session of a record, checked against what the records before it had. */
export function checkContext(
  record: JsonRecord,
  before: DynamoContext,
  place: LinePlace,
): { readonly context: DynamoContext; readonly sessionId: string | undefined } {
  const has = record.agent_context !== undefined && record.agent_context !== null;
  const context = has ? 'agent' : 'none';
  if (before !== 'unknown' && before !== context) {
    throw new InputError(
      'trace_invalid',
      'some requests have an agent_context and some have none',
      {
        ...place,
        path: 'agent_context',
        remedy: 'a trace has it everywhere or nowhere; split the file',
      },
    );
  }
  if (!has) return { context, sessionId: undefined };
  const agent = readObject(record, 'agent_context', place);
  const sessionId = readName(agent, 'session_id', place);
  const parent = readName(agent, 'parent_session_id', place);
  if (sessionId === undefined) {
    throw new InputError('trace_invalid', 'the agent has no session', {
      ...place,
      path: 'agent_context.session_id',
    });
  }
  if (parent === undefined) return { context, sessionId };
  throw new InputError('trace_invalid', 'sessions that start others are not modelled', {
    ...place,
    path: 'agent_context.parent_session_id',
    received: parent,
    remedy: 'such a trace is a graph of dependent requests; fly the sessions without a parent',
  });
}
