import { z } from 'zod';
import { InputError } from '#core/base/errors.ts';

const table = z.array(z.number()).min(2);
/** A class without a single value has no table. */
const classTable = table.nullable();
const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** The version of the format; a reader names both versions when a file is newer. */
export const FIT_VERSION = 1;
export const FIT_FORMAT = 'windtunnel-fit';
export const FIT_ABOUT =
  'Quantiles of lengths, turns, pauses and gaps, and statistics of how prompts share their beginnings. ' +
  'No request, prompt, id, session name or time of day. The ends of a table are its extreme values.';

/** When sessions, and requests without one, begin. */
const arrivalsSchema = z.strictObject({
  /** Begins per second. */
  rate_rps: z.number().positive(),
  /** First to last. */
  span_ms: z.number().positive(),
  /** Standard deviation of the gaps over their mean. */
  gap_cv: z.number().min(0),
  /** Gaps between begins, to compare with. */
  gap_ms: table,
  /** Gaps between two moments at which something begins, at a steady rate. */
  moment_gap_ms: table,
  /** How many begin in one moment, at a steady rate. */
  begins_per_moment: table,
  /** Relative rate in equal parts of the span; mean 1. */
  rate_shape: z.array(z.number().min(0)).min(1),
});

/**
 * How first turns share blocks with earlier requests. They find nothing, or leave an earlier prompt
 * half-way (they branch: a common system prompt), or go on where it ended (they continue it).
 */
const sharingSchema = z.strictObject({
  /** By class of prompt length: the share of prompts that find nothing, and that branch. */
  nothing: z.array(share).min(1),
  branch: z.array(share).min(1),
  /** By class: blocks that a branching prompt shares. */
  branch_blocks: z.array(classTable),
  /** By class: the part of its blocks that a continuing prompt shares. */
  continued_part: z.array(classTable),
  /** By the binary logarithm of the shared blocks: requests since their last use. */
  branch_age: z.array(classTable),
  continued_age: z.array(classTable),
});

/** How the turns of a session follow each other. */
const sessionsSchema = z.strictObject({
  /** Share of the begins that are sessions; the others are single requests. */
  share: share,
  turns: table,
  /** Lengths of first prompts, of sessions and single requests. */
  first_input_tokens: table,
  /** From the end of a turn to the next; absent = no session has a second turn. */
  think_ms: table.optional(),
  /** For each class of the length before: tokens that the next prompt is longer (or shorter). */
  growth_tokens: z.array(classTable),
  /** For each class: the part of the full blocks of both prompts that they share. */
  kept: z.array(classTable),
});

/** A trace as a description: distributions and statistics, no request and no content. */
export const traceFitSchema = z.strictObject({
  format: z.literal(FIT_FORMAT),
  version: z.literal(FIT_VERSION),
  /** What the file tells, for whoever decides to share it. */
  about: z.string(),
  trace_block_size: z.int().positive(),
  requests: z.int().positive(),
  has_content: z.boolean(),
  input_tokens: table,
  /** For each class of prompt lengths. */
  output_tokens: z.array(classTable),
  /** All outputs together, to compare with. */
  output_tokens_all: table,
  /** Absent: the trace has no times of arrival. */
  arrivals: arrivalsSchema.optional(),
  sharing: sharingSchema.optional(),
  sessions: sessionsSchema.optional(),
  /** Hits of an LRU cache in front of the trace: its size in blocks, and the hit ratio. */
  hit_ratio_curve: z.array(z.tuple([count, share])).optional(),
});

export type TraceFit = z.infer<typeof traceFitSchema>;
export type ArrivalsFit = z.infer<typeof arrivalsSchema>;
export type SharingFit = z.infer<typeof sharingSchema>;
export type SessionsFit = z.infer<typeof sessionsSchema>;

/** Checks a parsed fit; throws an InputError that names file, path, value and what is allowed. */
export function checkFit(value: unknown, file: string): TraceFit {
  const version = isObject(value) ? value.version : undefined;
  if (typeof version === 'number' && version > FIT_VERSION) {
    throw new InputError('trace_invalid', `the fit has version ${version}`, {
      file,
      path: 'version',
      allowed: `up to ${FIT_VERSION}`,
      remedy: 'use a newer windtunnel',
    });
  }
  const checked = traceFitSchema.safeParse(value);
  if (checked.success) return checked.data;
  const { path = [], message = 'not a fit' } = checked.error.issues[0] ?? {};
  throw new InputError('trace_invalid', `not a fit: ${message}`, {
    file,
    ...(path.length > 0 && { path: path.join('.') }),
    remedy: 'make one with windtunnel trace generate --fit TRACE -o fit.json',
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
