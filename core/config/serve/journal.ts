import { z } from 'zod';
import { count, describe, duration } from '../describe.ts';

/** What is kept of a day, to be flown again. */
export const journalSchema = z
  .strictObject({
    path: describe(z.string().min(1), {
      effect:
        'File for the journal; later parts are FILE.1, FILE.2. One that exists is moved aside first. It is relative to this file.',
    }),
    part_bytes: describe(count(64 * 1024).default(256 * 1024 * 1024), {
      effect: 'A part that has grown to this size is followed by the next one.',
      unit: 'bytes',
    }),
    flush_interval_ms: describe(duration().positive().default(200), {
      effect: 'How often what has happened is written; a crash loses no more than this.',
      unit: 'ms',
    }),
  })
  .meta({ description: 'Facts and decisions, for windtunnel journal and windtunnel replay.' });

export type JournalConfig = z.output<typeof journalSchema>;
