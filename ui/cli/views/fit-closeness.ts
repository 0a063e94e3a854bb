import type { Closeness } from '#traces/generate/fit/closeness.ts';

/** How close a generated trace is to the one of its fit, a line for each thing compared. */
export function closenessTable(closeness: Closeness): string {
  const { gapCv, rateShape, hitCurve } = closeness;
  const rows: (readonly [string, string])[] = [
    ...distance('input tokens', closeness.inputTokens),
    ...distance('output tokens', closeness.outputTokens),
    ...distance('turns of a session', closeness.turns),
    ...distance('think time', closeness.thinkMs),
    ...distance('gaps between begins', closeness.gapsMs),
  ];
  if (gapCv !== undefined) rows.push(['CV of the gaps', gapCv.map(digits).join(' → ')]);
  if (rateShape !== undefined) rows.push(['rate over time, share elsewhere', digits(rateShape)]);
  if (hitCurve !== undefined) {
    const { max, maxAtBlocks, mean, ceilings } = hitCurve;
    const blocks = maxAtBlocks.toLocaleString('en-US');
    rows.push(
      ['hit-ratio curve, mean difference', digits(mean)],
      ['hit-ratio curve, largest', `${digits(max)} at ${blocks} blocks`],
      ['infinite-cache hit ratio', ceilings.map(digits).join(' → ')],
    );
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return `How close (the trace → what the fit generates)\n${lines.join('\n')}\n`;
}

function distance(name: string, value: number | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[`KS distance, ${name}`, digits(value)]];
}

function digits(value: number): string {
  return value.toFixed(3);
}
