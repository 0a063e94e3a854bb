import { z } from 'zod';

/** What a person is told about one key; it ends in the JSON Schema, `--help` and `config init`. */
export interface KeyNotes {
  /** What the key changes, one or two sentences. */
  readonly effect: string;
  /** The unit of the value, absent for names, switches and plain counts. */
  readonly unit?: string;
  /** What the key is called in the system it comes from. */
  readonly source?: string;
  /** What absence means, for keys without a default. */
  readonly whenAbsent?: string;
  /** A value as it may be written, where what is allowed does not show it. */
  readonly example?: string;
  /** What a text must be, in words, where a pattern says it. */
  readonly allowed?: string;
}

/**
 * Attaches the notes of a key to its schema. It must be the outermost call, after `.default()`,
 * because zod keeps notes on the schema object that it was called on.
 */
export function describe<Schema extends z.ZodType>(schema: Schema, notes: KeyNotes): Schema {
  return schema.meta({
    description: notes.effect,
    ...(notes.unit === undefined ? {} : { 'x-unit': notes.unit }),
    ...(notes.source === undefined ? {} : { 'x-source': notes.source }),
    ...(notes.whenAbsent === undefined ? {} : { 'x-when-absent': notes.whenAbsent }),
    ...(notes.allowed === undefined ? {} : { 'x-allowed': notes.allowed }),
    ...(notes.example === undefined ? {} : { 'x-example': notes.example }),
  });
}

/** Counts end up as rows of 32-bit columns. */
const MAX_COUNT = 2_147_483_647;
/** The longest time that integer nanoseconds hold exactly: 104 days. */
const MAX_DURATION_MS = 9_000_000_000;

/** A whole number of workers, blocks, requests or tokens, from `least` up. */
export function count(least = 1): z.ZodInt {
  return z.int().min(least).max(MAX_COUNT);
}

/** A duration in milliseconds, 0 allowed. */
export function duration(): z.ZodNumber {
  return z.number().min(0).max(MAX_DURATION_MS);
}

/** A duration in seconds, 0 allowed. */
export function seconds(): z.ZodNumber {
  return z
    .number()
    .min(0)
    .max(MAX_DURATION_MS / 1000);
}

/** A bound in milliseconds; nothing takes no time, so 0 is refused. */
export function target(): z.ZodNumber {
  return z.number().positive().max(MAX_DURATION_MS);
}

/** A part of a whole, 0 … 1. */
export function share(): z.ZodNumber {
  return z.number().min(0).max(1);
}

/** A weight in a cost formula. The bound keeps sums finite. */
export function weight(): z.ZodNumber {
  return z.number().min(0).max(1e9);
}

/** A factor or rate that something is divided by. The bounds keep times finite. */
export function ratio(): z.ZodNumber {
  return z.number().min(1e-6).max(1e6);
}
