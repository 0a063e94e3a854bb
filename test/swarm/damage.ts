import type { RandomStream } from '#core/base/random.ts';

const INSERTS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u00',
  '1e',
  '-',
  '\n\n',
  'data: ',
  'null',
  '\u0001',
  '9'.repeat(40),
  '100000000',
  '9007199254740991',
  '1e308',
  '['.repeat(600),
  '__proto__',
];

/** A few bytes of an input cut out, doubled, cut off, or put in. */
export function damaged(bytes: Buffer, stream: RandomStream): Buffer {
  const from = stream.nextBelow(bytes.length + 1);
  const to = Math.min(bytes.length, from + stream.nextBelow(8));
  const kind = stream.nextBelow(5);
  if (kind === 0) return bytes.subarray(0, from);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  const insert =
    kind === 3
      ? Buffer.of(stream.nextBelow(256))
      : Buffer.from(INSERTS[stream.nextBelow(INSERTS.length)]!);
  return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(to)]);
}

/** One of the samples, damaged up to so many times. */
export function drawDamaged(
  samples: readonly Buffer[],
  most: number,
  stream: RandomStream,
): Buffer {
  let bytes = samples[stream.nextBelow(samples.length)]!;
  for (let damage = stream.nextBelow(most + 1); damage > 0; damage--) {
    bytes = damaged(bytes, stream);
  }
  return bytes;
}
