import type { Ns } from '#core/base/time.ts';

/** One event of the Trace Event Format (JSON), which Perfetto and chrome://tracing open. */
export interface TraceEvent {
  /** When it is drawn, for the order of the file; −1 for metadata. */
  readonly atNs: Ns;
  readonly text: string;
}

type Args = Readonly<Record<string, string | number>>;

/** Microseconds with the nanoseconds behind the point, as the format wants times. */
function micros(ns: Ns): string {
  return (ns / 1000).toFixed(3);
}

/** A span on a lane. */
export function spanEvent(
  name: string,
  pid: number,
  lane: number,
  fromNs: Ns,
  toNs: Ns,
  args: Args,
): TraceEvent {
  const times = `"ts":${micros(fromNs)},"dur":${micros(toNs - fromNs)}`;
  const text = `{"ph":"X","cat":"request","name":${JSON.stringify(name)},"pid":${pid},"tid":${lane},${times},"args":${JSON.stringify(args)}}`;
  return { atNs: fromNs, text };
}

/** A step of an arrow from span to span: its start, a stop on the way, its end. */
export function flowEvent(
  phase: 's' | 't' | 'f',
  id: number,
  pid: number,
  lane: number,
  atNs: Ns,
): TraceEvent {
  const binding = phase === 'f' ? ',"bp":"e"' : '';
  const text = `{"ph":"${phase}","cat":"flow","name":"request","id":${id},"pid":${pid},"tid":${lane},"ts":${micros(atNs)}${binding}}`;
  return { atNs, text };
}

/** The values of a counter track from a moment on. */
export function counterEvent(name: string, pid: number, atNs: Ns, values: Args): TraceEvent {
  const text = `{"ph":"C","name":${JSON.stringify(name)},"pid":${pid},"ts":${micros(atNs)},"args":${JSON.stringify(values)}}`;
  return { atNs, text };
}

/** The name of a process, and its place from the top. */
export function processEvents(pid: number, name: string, place: number): readonly TraceEvent[] {
  const named = `{"ph":"M","name":"process_name","pid":${pid},"args":{"name":${JSON.stringify(name)}}}`;
  const sorted = `{"ph":"M","name":"process_sort_index","pid":${pid},"args":{"sort_index":${place}}}`;
  return [
    { atNs: -1, text: named },
    { atNs: -1, text: sorted },
  ];
}

export function laneNameEvent(pid: number, lane: number, name: string): TraceEvent {
  const text = `{"ph":"M","name":"thread_name","pid":${pid},"tid":${lane},"args":{"name":${JSON.stringify(name)}}}`;
  return { atNs: -1, text };
}
