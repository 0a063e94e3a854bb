import type { Session } from './session-source.ts';

/** What a session's prompts share from turn to turn. */
interface SessionBlocks {
  /** Ids of the blocks that are full of the session's own text, from the first after the shared. */
  readonly own: number[];
}

/**
 * Gives prompts their prefix-cumulative block ids. Two prompts share an id exactly when they are
 * equal up to the end of that block: full blocks of a system prompt belong to all its sessions,
 * later full blocks to one session, and a block that is not full to a single turn, because the
 * next turn fills it up.
 */
export class BlockIds {
  readonly #blockSize: number;
  readonly #shared = new Map<string, number[]>();
  readonly #sessions = new Map<string, SessionBlocks>();
  #next = 0;

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  /** The ids of the prompt of `inputTokens` tokens that a turn of the session sends. */
  of(session: Session, inputTokens: number): number[] {
    const sharedBlocks = Math.floor(session.systemTokens / this.#blockSize);
    const fullBlocks = Math.floor(inputTokens / this.#blockSize);
    const shared = this.#sharedIds(session, sharedBlocks);
    const { own } = this.#blocksOf(session.name);
    while (sharedBlocks + own.length < fullBlocks) own.push(this.#next++);
    const ids = [...shared, ...own];
    if (inputTokens % this.#blockSize !== 0) ids.push(this.#next++);
    return ids;
  }

  /** Forgets a session that has sent its last prompt. */
  forget(session: Session): void {
    this.#sessions.delete(session.name);
  }

  #sharedIds(session: Session, count: number): readonly number[] {
    const key = `${session.tenant.name}/${session.systemPrompt}`;
    let ids = this.#shared.get(key);
    if (ids === undefined) {
      ids = Array.from({ length: count }, () => this.#next++);
      this.#shared.set(key, ids);
    }
    return ids;
  }

  #blocksOf(name: string): SessionBlocks {
    let blocks = this.#sessions.get(name);
    if (blocks === undefined) {
      blocks = { own: [] };
      this.#sessions.set(name, blocks);
    }
    return blocks;
  }
}
