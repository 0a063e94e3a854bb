import { CLIENT_KEYS } from '../client.ts';
import { MEDIA_KEY } from '../media.ts';
import { ROUTING_KEYS } from '../routing.ts';

/** The first line of a trace in our own format names this schema and version. */
export const TRACE_SCHEMA = 'windtunnel.trace';
export const TRACE_VERSION = 1;

/** The moments of a predecessor, by `Trigger`. */
export const TRIGGER_NAMES: readonly string[] = ['end', 'start'];

/** All keys of a row. */
export const ROW_KEYS: readonly string[] = [
  'timestamp',
  'session_id',
  'request_id',
  'tenant',
  'policy_class',
  'delay',
  'priority',
  'strict_priority',
  ...Object.values(ROUTING_KEYS),
  ...Object.values(CLIENT_KEYS),
  MEDIA_KEY,
  'group_id',
  'after',
  'input_length',
  'output_length',
  'hash_ids',
];
