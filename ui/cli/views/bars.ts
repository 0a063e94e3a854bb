const LEVELS = '▁▂▃▄▅▆▇█';
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One character a number, as high as its share of the largest; empty without numbers. */
export function sparkline(values: readonly number[]): string {
  const largest = Math.max(0, ...values);
  if (largest === 0) return '';
  return values
    .map((value) => LEVELS[Math.min(7, Math.floor((value / largest) * 8))] ?? '')
    .join('');
}

/** A horizontal bar of `share` (0 … 1) of `width` characters, to an eighth of a character. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
