import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import type { PromptBlocks } from '#live/routing/route-ask.ts';
import { ChatTemplate } from './chat-template.ts';
import type { PromptTask, TokenizerSetup } from './prompt-task.ts';
import { TextEncoder } from './text-encoder.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';

/** Turns the prompts of requests into blocks with a model's own tokenizer and chat template. */
export class LocalTokenizer {
  readonly #encoder: TextEncoder;
  readonly #template: ChatTemplate;
  readonly #blockSize: number;

  /** Throws what is wrong with the files. */
  constructor({ folder, blockSize, cacheBytes }: TokenizerSetup) {
    const files = readTokenizerFiles(folder);
    this.#encoder = new TextEncoder(files, cacheBytes);
    this.#template = new ChatTemplate(files);
    this.#blockSize = blockSize;
  }

  /** Undefined where only the engine can tell. */
  read(task: Pick<PromptTask, 'route' | 'body' | 'salt'>): PromptBlocks | undefined {
    const prompts = this.tokens(task);
    if (prompts === undefined) return undefined;
    const inputTokens = prompts.reduce((sum, { length }) => sum + length, 0);
    const hashes = sequenceHashes(blockHashes(prompts[0]!, this.#blockSize, task.salt));
    return { inputTokens: Math.max(1, inputTokens), hashes };
  }

  /** The tokens of each prompt of a request, at least one; undefined where only the engine can tell. */
  tokens({ route, body }: Pick<PromptTask, 'route' | 'body'>): readonly Uint32Array[] | undefined {
    if (route === 'chat') {
      const text = this.#template.render(body);
      // The template has written the special tokens; vLLM adds others only where it is told so.
      return text === undefined
        ? undefined
        : [this.#encoder.encode(text, body.add_special_tokens === true)];
    }
    const texts = textsOf(route === 'completions' ? body.prompt : body.input);
    return texts?.map((text) => this.#encoder.encode(text, body.add_special_tokens !== false));
  }
}

function textsOf(prompt: unknown): readonly string[] | undefined {
  if (typeof prompt === 'string') return [prompt];
  if (!Array.isArray(prompt) || prompt.length === 0) return undefined;
  return prompt.every((text) => typeof text === 'string') ? prompt : undefined;
}
