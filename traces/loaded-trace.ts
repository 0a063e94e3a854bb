import type { TraceFormat } from '#core/config/trace-formats.ts';
import type { TraceBatch } from './batch.ts';

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
  /**
   * Whether each prompt of a later turn begins with the prompt before it and the output generated for
   * that, token by token: the KV blocks of an answer then serve the next prompt.
   */
  readonly resendsOutput: boolean;
  /** Distinct session ids in the file; rows without one are not counted. */
  readonly sessions: number;
  /** Tokens that one hash id stands for: as the file says, or as the user did. */
  readonly traceBlockSize: number;
  /** What the reader dropped or decided, with counts, in words for the user. */
  readonly notes: readonly string[];
}
