/** Something answers more than anybody should keep. */
export class TooLong extends Error {
  override readonly name = 'TooLong';

  constructor(maxBytes: number) {
    super(`an answer of more than ${maxBytes} bytes`);
  }
}

/**
 * The whole of a body, up to so many bytes. Rejects with `TooLong` behind them; the rest is not
 * fetched, since leaving the loop closes the stream.
 */
export async function readCapped(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLong(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
