import type { MessagePort } from 'node:worker_threads';
import type { ResolvedConfig } from '#core/config/schema.ts';

/** What the thread of a shadow is started with. */
export interface ShadowTask {
  /** The run that the shadow flies. */
  readonly config: ResolvedConfig;
  /** Where arrivals are handed on to, and how many; absent where nobody flies them again. */
  readonly advise?: { readonly requests: number; readonly arrivals: MessagePort };
}
