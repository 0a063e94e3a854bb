/** One sample of a text exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/**
 * Reads Prometheus text (format 0.0.4) strictly: every family has its HELP and TYPE once, before its
 * samples, which stand together; no sample appears twice. Throws with the line otherwise.
 */
export function parsePrometheus(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const types = new Map<string, string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      family = type[1]!;
      if (types.has(family)) throw new Error(`a second ${family}`);
      types.set(family, type[2]!);
    } else if (!line.startsWith('# HELP ')) {
      const sample = parseSample(line);
      const base =
        types.get(family) === 'histogram'
          ? sample.name.replace(/_(bucket|sum|count)$/, '')
          : sample.name;
      if (base !== family) throw new Error(`${line} stands under ${family}`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`a second ${key}`);
      seen.add(key);
      samples.push(sample);
    }
  }
  return { types, samples };
}

function parseSample(line: string): Sample {
  const [, name, labelText = '', number] = SAMPLE.exec(line) ?? [];
  const value = Number(number);
  if (name === undefined || Number.isNaN(value)) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelText.length) {
    const match = LABEL.exec(labelText);
    if (match === null) throw new Error(`bad labels: ${line}`);
    labels[match[1]!] = match[2]!;
  }
  return { name, labels, value };
}
