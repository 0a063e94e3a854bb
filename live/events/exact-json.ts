import { DecodeError } from './decode/decode-error.ts';

const INTEGER = /^-?\d+$/;

/** JSON with integers that a number cannot hold as BigInts; anything else is a `DecodeError`. */
export function parseExactly(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }) => {
    const isWide = typeof value === 'number' && !Number.isSafeInteger(value);
    const source = context?.source ?? '';
    return isWide && INTEGER.test(source) ? BigInt(source) : value;
  };
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch (error) {
    throw new DecodeError(`no JSON: ${error instanceof Error ? error.message : ''}`, text);
  }
}
