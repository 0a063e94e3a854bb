import { z } from 'zod';
import { count, describe, seconds } from '../describe.ts';

/** Where clients come in, and what is asked of them. */
export const httpSchema = z
  .strictObject({
    host: describe(z.string().min(1).default('127.0.0.1'), {
      effect: 'Address to listen on; the default can be reached from this machine alone.',
    }),
    port: describe(z.int().min(0).max(65_535).default(8000), {
      effect: 'Port to listen on; 0 takes a free one, which the first line names.',
    }),
    max_body_bytes: describe(count().default(64 * 1024 * 1024), {
      effect: 'A larger request is refused.',
      unit: 'bytes',
    }),
    max_total_body_bytes: describe(count().default(1024 * 1024 * 1024), {
      effect:
        'What the bodies of all requests under way may have together; each is kept until its answer is over. A request that does not fit is answered with 503.',
      unit: 'bytes',
    }),
    max_connections: describe(count().default(16_384), {
      effect: 'Connections of clients that may be open at once; more are hung up on.',
      unit: 'connections',
    }),
    max_header_bytes: describe(count(1024).default(32 * 1024), {
      effect: 'Larger request headers are refused.',
      unit: 'bytes',
    }),
    header_timeout_secs: describe(seconds().positive().default(10), {
      effect: 'A client whose headers take longer is hung up on.',
      unit: 's',
    }),
    body_timeout_secs: describe(seconds().positive().default(60), {
      effect: 'A client whose body takes longer is hung up on.',
      unit: 's',
    }),
    first_token_timeout_secs: describe(seconds().positive().default(600), {
      effect: 'How long an engine may take for the first byte of an answer.',
      unit: 's',
    }),
    idle_stream_timeout_secs: describe(seconds().positive().default(300), {
      effect: 'How long an answer may pause between two bytes.',
      unit: 's',
    }),
    drain_timeout_secs: describe(seconds().default(30), {
      effect: 'How long requests may go on after SIGTERM before they are cut off.',
      unit: 's',
    }),
  })
  .meta({ description: 'Where clients come in, and what is asked of them.' });

export type HttpConfig = z.output<typeof httpSchema>;
