import { Tokenizer } from '@huggingface/tokenizers';
import { PieceCache } from './piece-cache.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';

/** Texts on which a tokenizer must agree with itself, whole and in pieces, before it is cut up. */
const PROBES = ['x', ' x', '▁x', ' x ', 'Ⅻ é́', '\nx\n', '12'];

/**
 * Text → token ids, as the engine's own tokenizer gives them. Special tokens part a text before anything
 * else is done to it, so that the pieces between them can be remembered one by one: of a conversation
 * that goes on, only what is new is tokenized. Where a tokenizer looks over such an edge (some put a space
 * before the first piece alone), texts stay whole.
 */
export class TextEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #cache: PieceCache;
  /** Parts a text at its special tokens and keeps them; undefined where texts stay whole. */
  readonly #edges: RegExp | undefined;
  /** What is put around a prompt: a token that begins a text, say. */
  readonly #around: { readonly before: readonly number[]; readonly after: readonly number[] };

  constructor({ tokenizer, config }: TokenizerFiles, cacheBytes: number) {
    this.#tokenizer = new Tokenizer(tokenizer, config);
    this.#cache = new PieceCache(cacheBytes);
    this.#around = aroundOf(this.#tokenizer);
    const edges = edgesOf(this.#tokenizer);
    this.#edges = edges && agreesWithItself(this.#tokenizer, edges) ? edges : undefined;
  }

  /** The tokens of a text, with what the tokenizer puts around prompts or without. */
  encode(text: string, withSpecialTokens: boolean): Uint32Array {
    const pieces = this.#edges === undefined ? [text] : text.split(this.#edges);
    const parts = pieces.filter((piece) => piece !== '').map((piece) => this.#piece(piece));
    const { before, after } = withSpecialTokens ? this.#around : { before: [], after: [] };
    const length = parts.reduce((sum, part) => sum + part.length, before.length + after.length);
    const tokens = new Uint32Array(length);
    tokens.set(before, 0);
    let at = before.length;
    for (const part of parts) {
      tokens.set(part, at);
      at += part.length;
    }
    tokens.set(after, at);
    return tokens;
  }

  #piece(text: string): Uint32Array {
    const known = this.#cache.get(text);
    if (known !== undefined) return known;
    const tokens = Uint32Array.from(idsOf(this.#tokenizer, text, false));
    this.#cache.add(text, tokens);
    return tokens;
  }
}

function idsOf(tokenizer: Tokenizer, text: string, withSpecialTokens: boolean): number[] {
  return tokenizer.encode(text, { add_special_tokens: withSpecialTokens }).ids;
}

/** Special tokens that are matched as they stand, longest first, as an expression that keeps them. */
function edgesOf(tokenizer: Tokenizer): RegExp | undefined {
  const plain = [...tokenizer.get_added_tokens_decoder().values()].filter(
    ({ special, normalized, lstrip, rstrip, single_word }) =>
      special && !normalized && !lstrip && !rstrip && !single_word,
  );
  if (plain.length === 0) return undefined;
  const texts = plain.map(({ content }) => content).sort((a, b) => b.length - a.length);
  return new RegExp(`(${texts.map(escaped).join('|')})`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function agreesWithItself(tokenizer: Tokenizer, edges: RegExp): boolean {
  const [edge] = [...tokenizer.get_added_tokens_decoder().values()]
    .map(({ content }) => content)
    .filter((content) => content.match(edges)?.[0] === content);
  if (edge === undefined) return false;
  return PROBES.every((first) =>
    PROBES.every((second) => {
      const text = `${first}${edge}${second}${edge}`;
      const pieces = text.split(edges).filter((piece) => piece !== '');
      const parted = pieces.flatMap((piece) => idsOf(tokenizer, piece, false));
      return parted.join() === idsOf(tokenizer, text, false).join();
    }),
  );
}

/** What stands before and after the tokens of any prompt. */
function aroundOf(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const bare = idsOf(tokenizer, 'x', false);
  const whole = idsOf(tokenizer, 'x', true);
  const extra = whole.length - bare.length;
  for (let at = 0; at <= extra; at++) {
    if (bare.every((id, index) => whole[at + index] === id)) {
      return { before: whole.slice(0, at), after: whole.slice(at + bare.length) };
    }
  }
  return { before: [], after: [] };
}
