import type { Ns } from '#core/base/time.ts';

/**
 * Hears what an engine does while somebody else drives it. A request is named by the number that
 * `submit` gave it, a block by the content id that its request brought along.
 */
export interface EngineListener {
  /** So many tokens of a request have come out of the pass that ended at `atNs`. */
  tokens(request: number, tokens: number, atNs: Ns): void;
  /** A request has all its tokens, after which its number may be given to another. */
  completed(request: number, atNs: Ns): void;
  /** A request that can never be served has been turned away; its number is free as well. */
  rejected(request: number, atNs: Ns): void;
  /** The engine has let go of a cancelled request; its number is free as well. */
  dropped(request: number, atNs: Ns): void;
  /** A prefill worker has computed a prompt and holds it until `release`. */
  held(request: number, atNs: Ns): void;
  /** It holds it no more; the number is free. */
  released(request: number, atNs: Ns): void;
  /** A decode worker has room for a prompt, of which so many tokens are to be copied. */
  reserved(request: number, missingTokens: number, atNs: Ns): void;
  /** Blocks can be hit from now on: they follow `parent` (−1 = they begin a prompt), one another's. */
  stored(rank: number, parent: number, contents: readonly number[]): void;
  /** Blocks have been evicted, the last of a prompt first. */
  removed(rank: number, contents: readonly number[]): void;
  /** All has been told of the blocks that a step changed; what became of its requests comes next. */
  blocksTold(): void;
  /** Nothing in the engine bears this content any more: the id may name another. */
  forgotten(content: number): void;
}
