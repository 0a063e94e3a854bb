/** Prints rows under a heading, columns aligned: the first to the left, the others to the right. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

/** Prints a figure beside its target, and makes the bench fail where it is missed. */
export function judge(
  what: string,
  value: number,
  atLeastOrMost: 'least' | 'most',
  target: number,
) {
  const met = atLeastOrMost === 'least' ? value >= target : value <= target;
  const verdict = met ? 'met' : 'MISSED';
  console.log(`  ${what}: ${value.toFixed(2)} (at ${atLeastOrMost} ${target}: ${verdict})`);
  if (!met) process.exitCode = 1;
}
