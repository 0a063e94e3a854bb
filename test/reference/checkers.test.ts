import { expect, test } from 'vitest';
import { parsePrometheus } from './prometheus-parser.ts';
import { type ParsedTrace, traceProblems } from './trace-checker.ts';

const name = { ph: 'M', name: 'thread_name', pid: 1, tid: 1 } as const;
const process = { ph: 'M', name: 'process_name', pid: 1 } as const;
const span = (ts: number, dur: number) =>
  ({ ph: 'X', name: 'a', pid: 1, tid: 1, ts, dur }) as const;
const flow = (ph: 's' | 't' | 'f', ts: number) =>
  ({ ph, name: 'r', pid: 1, tid: 1, ts, id: 7 }) as const;

function problems(...traceEvents: ParsedTrace['traceEvents']): readonly string[] {
  return traceProblems({ otherData: {}, traceEvents: [process, name, ...traceEvents] }, 10);
}

test('canary: what is wrong with a trace is found', () => {
  expect(problems(span(0, 10), span(2, 3), flow('s', 2), flow('f', 5))).toEqual([]);
  expect(problems(span(5, 1), span(4, 1))).toEqual(['a at 4 comes after 5']);
  expect(problems(span(5, 6))).toEqual(['a at 5 is outside']);
  expect(problems(span(0, 5), span(3, 4))).toEqual(['a leaves its lane']);
  expect(problems(span(0, 5), flow('s', 1))).toEqual(['arrow 7 goes s']);
  expect(problems(span(0, 5), flow('f', 1), flow('s', 2))).toEqual(['arrow 7 goes fs']);
  expect(problems(span(0, 2), flow('s', 1), flow('f', 4))).toEqual([
    'arrow 7 touches no span at 4',
  ]);
  expect(problems({ ...span(0, 1), tid: 2 })).toEqual(['1/2 has no name']);
});

test.each([
  ['# TYPE a counter\na 1', 'the last line does not end'],
  ['a 1\n', 'a 1 stands under '],
  ['# TYPE a counter\na x\n', 'no sample: a x'],
  ['# TYPE a counter\na{b="1} 1\n', 'bad labels'],
  ['# TYPE a counter\na{b="1"} 1\na{b="1"} 2\n', 'a second a{b="1"}'],
  ['# TYPE a gauge\n# TYPE a gauge\n', 'a second a'],
])('canary: %j is no exposition', (text, message) => {
  expect(() => parsePrometheus(text)).toThrow(message);
});
