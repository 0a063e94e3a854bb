/** Tokens that a trace's content id stands for, always the same. */
export function tokensOf(ids: readonly number[], traceBlockSize: number, length: number): number[] {
  return Array.from({ length }, (_, at) => {
    const id = ids[Math.floor(at / traceBlockSize)]!;
    const place = id * traceBlockSize + (at % traceBlockSize);
    return 300 + ((Math.imul(place + 1, 0x9e37_79b1) >>> 0) % 100_000);
  });
}
