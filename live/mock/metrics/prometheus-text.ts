import type { Histogram } from './histogram.ts';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** Metrics in Prometheus' text format, as the Python client of the engines writes it. */
export class PrometheusText {
  #text = '';
  readonly #createdS: number;

  /** @param createdS when all counters began, in seconds since 1970. */
  constructor(createdS: number) {
    this.#createdS = createdS;
  }

  toString(): string {
    return this.#text;
  }

  gauge(name: string, help: string, samples: readonly Sample[]): void {
    this.#head(name, help, 'gauge');
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  /** `name` without `_total`; a second metric says when it began. */
  counter(name: string, help: string, samples: readonly Sample[]): void {
    this.#head(`${name}_total`, help, 'counter');
    for (const [labels, value] of samples) this.#sample(`${name}_total`, labels, value);
    this.#created(name, help, samples);
  }

  histogram(
    name: string,
    help: string,
    samples: readonly (readonly [labels: Labels, histogram: Histogram])[],
  ): void {
    this.#head(name, help, 'histogram');
    for (const [labels, histogram] of samples) {
      const counts = histogram.cumulative();
      for (const [index, bound] of histogram.bounds.entries()) {
        this.#sample(`${name}_bucket`, { ...labels, le: pythonFloat(bound) }, counts[index]!);
      }
      this.#sample(`${name}_bucket`, { ...labels, le: '+Inf' }, histogram.count);
      this.#sample(`${name}_count`, labels, histogram.count);
      this.#sample(`${name}_sum`, labels, histogram.sum);
    }
    this.#created(name, help, samples);
  }

  #created(name: string, help: string, samples: readonly (readonly [Labels, unknown])[]): void {
    this.#head(`${name}_created`, help, 'gauge');
    for (const [labels] of samples) this.#sample(`${name}_created`, labels, this.#createdS);
  }

  #head(name: string, help: string, type: string): void {
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => `${key}="${escaped(text)}"`);
    const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    this.#text += `${name}${set} ${pythonFloat(value)}\n`;
  }
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

/** 12.0, 0.5, and from ten millions on 1.25e+07. */
export function pythonFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (Math.abs(value) >= 1e7) {
    const [mantissa, exponent] = value.toExponential().split('e+') as [string, string];
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e+${exponent.padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
