import { LocalTokenizer } from '#live/tokens/local/local-tokenizer.ts';
import { drawCorpus, type TokenCase, taskOf } from '../tokens/corpus.ts';

const RANDOM_TEXTS = 40;

/** How many prompts of a corpus the engine turns into the tokens that our tokenizer gives, of how many. */
export async function compareTokens(
  url: string,
  model: string,
): Promise<{ readonly same: number; readonly all: number }> {
  const ours = new LocalTokenizer({ folder: model, blockSize: 16, cacheBytes: 1 << 20 });
  const corpus = drawCorpus(7, RANDOM_TEXTS);
  let same = 0;
  for (const one of corpus) {
    const answer = await fetch(`${url}/tokenize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', ...bodyOf(one) }),
    });
    const { tokens } = (await answer.json()) as { readonly tokens?: readonly number[] };
    if (tokens?.join() === ours.tokens(taskOf(one))?.[0]?.join()) same++;
  }
  return { same, all: corpus.length };
}

function bodyOf(one: TokenCase): object {
  if (one.kind === 'text') return { prompt: one.text, add_special_tokens: one.special };
  const { messages, tools, kwargs } = one;
  return { messages, tools, chat_template_kwargs: kwargs, add_generation_prompt: true };
}
