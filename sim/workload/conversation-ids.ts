import { growColumn } from '#core/base/columns.ts';
import type { TraceBatch } from '#traces/batch.ts';
import type { BlockIds } from './block-ids.ts';

/** Names of content that only one session has; those of the trace count up from 1. */
const LAST_NAME = 0xffff_ffff;

/** The engine blocks of a session so far, from its first token on. */
interface Conversation {
  names: Uint32Array<ArrayBuffer>;
  count: number;
}

/**
 * Names engine blocks of traces whose prompts hold generated output: a later prompt of a session is
 * the one before, the answer to it, and what is new.
 *
 *     first turn    ├ prompt ─────────┤ answer ┤
 *     second turn   ├ prompt ──────────────────────┤ answer ┤
 *     blocks        │ shared by ids │ of this session alone …
 *
 * Full blocks of the first prompt are named by the ids of the trace, all others by the session, since
 * no other has generated the same. A request's path goes on to the last token of its answer that will
 * be computed, so that its blocks serve the next prompt.
 */
export class ConversationIds {
  names: Uint32Array<ArrayBuffer> = new Uint32Array(64);
  readonly #blockIds: BlockIds;
  readonly #blockSize: number;
  readonly #sessions = new Map<string, Conversation>();
  #next = LAST_NAME;

  /** @param blockIds must name single blocks. */
  constructor(blockIds: BlockIds, blockSize: number) {
    this.#blockIds = blockIds;
    this.#blockSize = blockSize;
  }

  /** Leaves in `names` the blocks of a row's prompt and answer, and returns how many there are. */
  convert(batch: TraceBatch, from: number): number {
    const session = batch.sessionId[from];
    const input = batch.inputTokens[from]!;
    const answered = input + Math.max(0, batch.outputTokens[from]! - 1);
    let conversation = session === undefined ? undefined : this.#sessions.get(session);
    if (conversation === undefined) {
      conversation = this.#begin(batch, from, Math.floor(input / this.#blockSize));
      if (session !== undefined) this.#sessions.set(session, conversation);
    }
    if (session !== undefined) this.#extend(conversation, Math.floor(answered / this.#blockSize));
    this.names = conversation.names;
    return conversation.count;
  }

  #begin(batch: TraceBatch, from: number, blocks: number): Conversation {
    const blockIds = this.#blockIds;
    blockIds.convert(batch.hashIds, batch.hashStart[from]!, blocks);
    const names = Uint32Array.from(blockIds.names.subarray(blockIds.from, blockIds.from + blocks));
    return { names, count: blocks };
  }

  #extend(conversation: Conversation, blocks: number): void {
    conversation.names = growColumn(conversation.names, blocks);
    while (conversation.count < blocks) conversation.names[conversation.count++] = this.#next--;
  }
}
