import type { TraceBatch } from './batch.ts';

/** The formats that a trace file may have. */
export type TraceFormat = 'mooncake' | 'azure';

/** A trace that was read and found valid from its first line to its last. */
export interface LoadedTrace {
  /** As the user wrote it. */
  readonly path: string;
  readonly format: TraceFormat;
  /** Of the file's bytes as they lie on disk (compressed, if they are), in hexadecimal. */
  readonly sha256: string;
  /** Rows over all batches. */
  readonly requests: number;
  readonly batches: readonly TraceBatch[];
  /** Whether the format says which prompts share blocks (hash ids). */
  readonly hasContent: boolean;
  /** Distinct session ids in the file; rows without one are not counted. */
  readonly sessions: number;
}
