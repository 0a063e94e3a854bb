/** A sample's labels, in the order in which they are written. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** What is counted up to each bound of a histogram, and beyond the last. */
export interface HistogramSample {
  readonly labels: Labels;
  /** Samples not above bound i; cumulative. */
  readonly upTo: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** `# HELP` and `# TYPE` of a family, as the text exposition format 0.0.4 wants them. */
function head(name: string, type: string, help: string): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`;
}

function labelText(labels: Labels): string {
  if (labels.length === 0) return '';
  const parts = labels.map(([name, value]) => {
    const text = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${text}"`;
  });
  return `{${parts.join(',')}}`;
}

/** A family of counters or gauges. */
export function simpleFamily(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [labels: Labels, value: number])[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`);
  return head(name, type, help) + lines.join('');
}

/** A family of histograms that share their bounds, the smallest first. */
export function histogramFamily(
  name: string,
  help: string,
  bounds: readonly number[],
  samples: readonly HistogramSample[],
): string {
  let text = head(name, 'histogram', help);
  for (const { labels, upTo, count, sum } of samples) {
    for (const [index, bound] of bounds.entries()) {
      text += `${name}_bucket${labelText([...labels, ['le', String(bound)]])} ${upTo[index]!}\n`;
    }
    text += `${name}_bucket${labelText([...labels, ['le', '+Inf']])} ${count}\n`;
    text += `${name}_sum${labelText(labels)} ${sum}\n`;
    text += `${name}_count${labelText(labels)} ${count}\n`;
  }
  return text;
}

/** The histogram of sorted values. */
export function histogramOf(
  labels: Labels,
  bounds: readonly number[],
  sorted: Float64Array,
): HistogramSample {
  let below = 0;
  const upTo = bounds.map((bound) => {
    while (below < sorted.length && sorted[below]! <= bound) below++;
    return below;
  });
  return { labels, upTo, count: sorted.length, sum: sorted.reduce((sum, value) => sum + value, 0) };
}
