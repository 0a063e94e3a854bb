import { TraceBatch } from '../batch.ts';
import { DenseIds } from './dense-ids.ts';
import { type LinePlace, PROMPT_TOKENS, requireNumber } from './fields.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { MooncakeReader } from './mooncake.ts';

/** What a session has said so far. */
interface Conversation {
  /** Ids of the blocks that are full of it. */
  readonly full: number[];
  /** Tokens of the last prompt and of the answer to it. */
  tokens: number;
}

/**
 * Reads mooncake_delta, where a follow-up turn states only what is new: its prompt is the one before,
 * the output generated for it, and the new input. Rows appear with their whole prompts. What follows
 * a first prompt is content of its session alone.
 */
export class MooncakeDeltaReader implements TraceLineReader {
  readonly hasContent = true;
  readonly resendsOutput = true;
  readonly #file: string;
  readonly #rows: MooncakeReader;
  readonly #ids = new DenseIds();
  readonly #conversations = new Map<string, Conversation>();

  constructor(options: LineReaderOptions) {
    this.#file = options.file;
    this.#rows = new MooncakeReader(options);
  }

  get sessions(): number {
    return this.#rows.sessions;
  }

  get traceBlockSize(): number {
    return this.#rows.traceBlockSize;
  }

  get notes(): readonly string[] {
    return this.#rows.notes;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#file, line };
    const stated = new TraceBatch();
    this.#rows.readLine(text, line, stated);
    const session = stated.sessionId[0];
    const before = session === undefined ? undefined : this.#conversations.get(session);
    const prompt =
      before === undefined
        ? this.#firstPrompt(stated, place)
        : this.#laterPrompt(stated, before, place);
    if (session !== undefined) this.#conversations.set(session, prompt.conversation);
    const row = batch.appendFacts(stated, 0);
    batch.inputTokens[row] = prompt.tokens;
    for (const id of prompt.conversation.full) batch.appendHashId(id);
    if (prompt.tail !== undefined) batch.appendHashId(prompt.tail);
    prompt.conversation.tokens = prompt.tokens + stated.outputTokens[0]!;
  }

  #firstPrompt(stated: TraceBatch, place: LinePlace): Prompt {
    const tokens = stated.inputTokens[0]!;
    const given = stated.hashIds.subarray(0, stated.hashStart[1]);
    const ids = Array.from(given, (id) => this.#ids.of(0, id, place));
    const full = Math.floor(tokens / this.traceBlockSize);
    return { tokens, tail: ids[full], conversation: { full: ids.slice(0, full), tokens } };
  }

  #laterPrompt(stated: TraceBatch, before: Conversation, place: LinePlace): Prompt {
    const tokens = before.tokens + stated.inputTokens[0]!;
    // Checks that the prompt has not grown beyond what a column holds.
    requireNumber({ input_length: tokens }, 'input_length', PROMPT_TOKENS, place);
    const full = Math.floor(tokens / this.traceBlockSize);
    while (before.full.length < full) before.full.push(this.#ids.fresh(place));
    const partial = full * this.traceBlockSize < tokens;
    return { tokens, tail: partial ? this.#ids.fresh(place) : undefined, conversation: before };
  }
}

interface Prompt {
  readonly tokens: number;
  /** Id of the last block where the prompt does not fill it. */
  readonly tail: number | undefined;
  readonly conversation: Conversation;
}
