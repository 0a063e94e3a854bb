/** The parts of a Trace Event that the checker looks at. */
interface Event {
  readonly ph: 'X' | 'M' | 'C' | 's' | 't' | 'f';
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface ParsedTrace {
  readonly otherData: Readonly<Record<string, unknown>>;
  readonly traceEvents: readonly Event[];
}

/**
 * What is wrong with a trace as a viewer takes it: events out of order or outside of the run, spans
 * of a lane that overlap without nesting, arrows that do not begin once, end once and touch a span at
 * every step, tracks without a name. Times are microseconds.
 */
export function traceProblems(trace: ParsedTrace, endUs: number): readonly string[] {
  const timed = trace.traceEvents.filter(({ ph }) => ph !== 'M');
  return [
    ...orderProblems(timed, endUs),
    ...nestingProblems(timed),
    ...flowProblems(timed),
    ...nameProblems(trace.traceEvents),
  ];
}

/** Times are written to the nanosecond; doubles around them are this close. */
const EPSILON_US = 0.0011;

function orderProblems(events: readonly Event[], endUs: number): string[] {
  const problems: string[] = [];
  let before = 0;
  for (const { ts = -1, dur = 0, name } of events) {
    if (ts < before) problems.push(`${name} at ${ts} comes after ${before}`);
    if (ts < 0 || dur < 0 || ts + dur > endUs + EPSILON_US)
      problems.push(`${name} at ${ts} is outside`);
    before = ts;
  }
  return problems;
}

function nestingProblems(events: readonly Event[]): string[] {
  const problems: string[] = [];
  const open = new Map<string, number[]>();
  for (const { ph, pid, tid, ts = 0, dur = 0, name } of events) {
    if (ph !== 'X') continue;
    const lane = `${pid}/${tid}`;
    const ends = open.get(lane) ?? [];
    while (ends.length > 0 && ends.at(-1)! <= ts + EPSILON_US) ends.pop();
    if (ends.length > 0 && ts + dur > ends.at(-1)! + EPSILON_US)
      problems.push(`${name} leaves its lane`);
    ends.push(ts + dur);
    open.set(lane, ends);
  }
  return problems;
}

function flowProblems(events: readonly Event[]): string[] {
  const problems: string[] = [];
  const spans = events.filter(({ ph }) => ph === 'X');
  const flows = new Map<number, string>();
  for (const { ph, id = -1, pid, tid, ts = 0 } of events) {
    if (ph !== 's' && ph !== 't' && ph !== 'f') continue;
    flows.set(id, (flows.get(id) ?? '') + ph);
    const touches = spans.some(
      (span) =>
        span.pid === pid &&
        span.tid === tid &&
        span.ts! <= ts &&
        ts <= span.ts! + span.dur! + EPSILON_US,
    );
    if (!touches) problems.push(`arrow ${id} touches no span at ${ts}`);
  }
  for (const [id, phases] of flows) {
    if (!/^st*f$/.test(phases)) problems.push(`arrow ${id} goes ${phases}`);
  }
  return problems;
}

function nameProblems(events: readonly Event[]): string[] {
  const named = new Set<string>();
  for (const { ph, name, pid, tid } of events) {
    if (ph !== 'M') continue;
    named.add(name === 'thread_name' ? `${pid}/${tid}` : String(pid));
  }
  const tracks = events.filter(({ ph }) => ph === 'X').map(({ pid, tid }) => `${pid}/${tid}`);
  const processes = events.map(({ pid }) => String(pid));
  return [...new Set([...tracks, ...processes])]
    .filter((track) => !named.has(track))
    .map((track) => `${track} has no name`);
}
