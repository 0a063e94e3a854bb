import type { Ns } from '#core/base/time.ts';
import type { CacheSalt } from '#core/tokens/block-hash.ts';

/** A prompt, and the answer that it will get. */
export interface WorkerAsk {
  readonly prompt: Uint32Array;
  readonly answer: Uint32Array;
  /** What its last token is. */
  readonly finishReason: 'stop' | 'length';
  /** Most tokens that it asked for. */
  readonly maxTokens: number;
  readonly salt: CacheSalt;
  /** Absent = the rank with the shortest line. */
  readonly rank?: number;
  /** Higher comes first, where the engine looks at it. */
  readonly priority?: number;
  /** `Task`; an answer by default. */
  readonly task?: number;
}

/** Hears what becomes of an ask, at moments of engine time; never within the call that asked. */
export interface AskListener {
  /** So many tokens more have come out. */
  tokens(count: number, atNs: Ns): void;
  completed(atNs: Ns): void;
  /** It could never be served. */
  rejected(atNs: Ns): void;
  /** A prefill worker has computed the prompt and holds it. */
  held?(atNs: Ns): void;
  /** A decode worker has room for the prompt, of which so many tokens are to be copied. */
  reserved?(missingTokens: number, atNs: Ns): void;
  /** Its client went, and the engine has let go of it. */
  dropped?(atNs: Ns): void;
}
