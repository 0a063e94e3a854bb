/** One line of a scrape. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /([a-zA-Z_][\w]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*/gy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' };

/**
 * The samples of Prometheus' text format 0.0.4 (and of OpenMetrics, whose exemplars and times are
 * passed over). With `wanted`, samples of other names are passed over unread. A line that is none is
 * left out and counted in `broken`, since one bad metric of an engine says nothing of the others.
 */
export function parseMetrics(
  text: string,
  wanted?: ReadonlySet<string>,
): { readonly samples: readonly MetricSample[]; readonly broken: number } {
  const samples: MetricSample[] = [];
  let broken = 0;
  let from = 0;
  while (from < text.length) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const line = text.slice(from, to).trim();
    from = to + 1;
    if (line === '' || line.startsWith('#')) continue;
    const name = /^[a-zA-Z_:][\w:]*/.exec(line)?.[0];
    if (name !== undefined && wanted !== undefined && !wanted.has(name)) continue;
    const sample = name === undefined ? undefined : sampleOf(name, line.slice(name.length));
    if (sample === undefined) broken++;
    else samples.push(sample);
  }
  return { samples, broken };
}

function sampleOf(name: string, rest: string): MetricSample | undefined {
  const labels: Record<string, string> = {};
  let at = 0;
  if (rest.trimStart().startsWith('{')) {
    at = rest.indexOf('{') + 1;
    while (rest[at] === ' ') at++;
    LABEL.lastIndex = at;
    for (let match = LABEL.exec(rest); match !== null; match = LABEL.exec(rest)) {
      labels[match[1]!] = match[2]!.replace(
        /\\(.)/g,
        (_, letter: string) => ESCAPES[letter] ?? letter,
      );
      at = LABEL.lastIndex;
    }
    if (rest[at] !== '}') return undefined;
    at++;
  }
  const value = numberOf(
    /^\s+(\S+)/.exec(
      rest[at] === ' ' || rest[at] === '\t' ? rest.slice(at) : ` ${rest.slice(at)}`,
    )?.[1],
  );
  return value === undefined ? undefined : { name, labels, value };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (text === 'NaN') return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
