/** Token ids of the built-in vocabulary: a byte each, three marks, and then words. */
export const IM_START = 256;
export const IM_END = 257;
export const END_OF_TEXT = 258;
export const FIRST_WORD = 300;
export const VOCABULARY = 262_144;

const MARKS = new Map([
  ['<|im_start|>', IM_START],
  ['<|im_end|>', IM_END],
  ['<|endoftext|>', END_OF_TEXT],
]);
const MARK_TEXTS = new Map([...MARKS].map(([text, id]) => [id, text] as const).sort());
const PIECE = /<\|(?:im_start|im_end|endoftext)\|>| w([1-9]\d{2,5})/g;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Tokens of a text: a word such as " w1357" is one token, everything else a token for each byte of
 * UTF-8. Marks of the chat template count as such only where `marks` says so.
 */
export function encode(text: string, marks = true): number[] {
  const tokens: number[] = [];
  let at = 0;
  for (const match of text.matchAll(PIECE)) {
    const token = match[1] === undefined ? markOf(match[0], marks) : wordOf(match[1]);
    if (token === undefined) continue;
    pushBytes(tokens, text.slice(at, match.index));
    tokens.push(token);
    at = match.index + match[0].length;
  }
  pushBytes(tokens, text.slice(at));
  return tokens;
}

/** The text of tokens; marks are left out unless `marks` asks for them. */
export function decode(tokens: Iterable<number>, marks = false): string {
  let text = '';
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) text += decoder.decode(Uint8Array.from(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    if (token < 256) {
      bytes.push(token);
      continue;
    }
    flush();
    if (token >= FIRST_WORD) text += ` w${token}`;
    else if (marks) text += MARK_TEXTS.get(token) ?? '';
  }
  flush();
  return text;
}

function markOf(text: string, marks: boolean): number | undefined {
  return marks ? MARKS.get(text) : undefined;
}

function wordOf(digits: string): number | undefined {
  const id = Number(digits);
  return id >= FIRST_WORD && id < VOCABULARY ? id : undefined;
}

function pushBytes(tokens: number[], text: string): void {
  for (const byte of encoder.encode(text)) tokens.push(byte);
}
