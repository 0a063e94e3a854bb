import { openStream } from '#core/base/random.ts';
import { VOCABULARY } from './tiny-model.ts';

/** The first ids are bytes and special tokens, of which a text is not made. */
const FIRST_WORD = 300;

export interface PrefixLoad {
  readonly url: string;
  readonly seed: number;
  readonly requests: number;
  /** Documents that questions are asked about, and their tokens. */
  readonly documents: number;
  readonly documentTokens: number;
  /** Tokens of a question, which belongs to one request alone. */
  readonly questionTokens: readonly [least: number, most: number];
  readonly outputTokens: number;
  readonly atOnce: number;
  readonly blockSize: number;
}

/** What became of one request. */
export interface Answered {
  readonly isComplete: boolean;
  readonly engine: string;
  readonly promptTokens: number;
  /** Prompt tokens that the router thought to be cached where it sent the request, and that were. */
  readonly predicted: number;
  readonly cached: number;
}

interface Completion {
  readonly choices: readonly { readonly finish_reason: string | null }[];
  readonly usage: {
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  };
}

/** Questions about documents, a few at a time, each about the document that a seed draws. */
export async function askAboutDocuments(load: PrefixLoad): Promise<readonly Answered[]> {
  const prompts = drawPrompts(load);
  const answered: Answered[] = [];
  const client = async (): Promise<void> => {
    for (let next = prompts.pop(); next !== undefined; next = prompts.pop()) {
      answered.push(await ask(load, next));
    }
  };
  await Promise.all(Array.from({ length: load.atOnce }, client));
  return answered;
}

/** The prompts of a load, as its seed draws them. */
export function drawPrompts(
  load: Omit<PrefixLoad, 'url' | 'outputTokens' | 'atOnce' | 'blockSize'>,
): (readonly number[])[] {
  const { seed, requests, documents, documentTokens, questionTokens } = load;
  const stream = openStream(seed, 'peers/prefix-load');
  const text = (tokens: number): readonly number[] =>
    Array.from({ length: tokens }, () => FIRST_WORD + stream.nextBelow(VOCABULARY - FIRST_WORD));
  const library = Array.from({ length: documents }, () => text(documentTokens));
  const [least, most] = questionTokens;
  return Array.from({ length: requests }, () => [
    ...library[stream.nextBelow(documents)]!,
    ...text(least + stream.nextBelow(most - least + 1)),
  ]);
}

async function ask(load: PrefixLoad, prompt: readonly number[]): Promise<Answered> {
  const { url, outputTokens: max_tokens, blockSize } = load;
  const answer = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt, max_tokens, ignore_eos: true, temperature: 0 }),
  });
  const engine = answer.headers.get('x-windtunnel-engine') ?? '';
  const overlap = Number(answer.headers.get('x-windtunnel-overlap-blocks') ?? Number.NaN);
  const text = await answer.text();
  const body = answer.ok ? (JSON.parse(text) as Completion) : undefined;
  const isWhole = body?.usage.completion_tokens === max_tokens;
  // The last token of a prompt is always computed, with the whole block that it is in.
  const cacheable = Math.floor((prompt.length - 1) / blockSize);
  return {
    isComplete: isWhole && body.choices[0]?.finish_reason === 'length',
    engine,
    promptTokens: prompt.length,
    predicted: blockSize * Math.min(overlap, cacheable),
    cached: body?.usage.prompt_tokens_details?.cached_tokens ?? 0,
  };
}

/** What a load came to. */
export interface LoadSum {
  readonly requests: number;
  readonly complete: number;
  /** Requests whose cached tokens are those that the router predicted. */
  readonly predicted: number;
  /** Of all prompt tokens, the part that was cached. */
  readonly reuse: number;
}

export function sumOf(answered: readonly Answered[]): LoadSum {
  const count = (isSo: (one: Answered) => boolean): number => answered.filter(isSo).length;
  const total = (of: (one: Answered) => number): number =>
    answered.reduce((sum, one) => sum + of(one), 0);
  return {
    requests: answered.length,
    complete: count((one) => one.isComplete),
    predicted: count((one) => one.predicted === one.cached),
    reuse: total((one) => one.cached) / total((one) => one.promptTokens),
  };
}
