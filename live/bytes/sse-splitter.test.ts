import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseSplitter } from './sse-splitter.ts';

/** The payloads of a text that arrives cut at the given places. */
function split(text: string, cuts: readonly number[] = []): readonly string[] {
  const bytes = Buffer.from(text);
  const splitter = new SseSplitter();
  const payloads: string[] = [];
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort(
    (a, b) => a - b,
  );
  for (let at = 1; at < places.length; at++) {
    splitter.push(bytes.subarray(places[at - 1], places[at]), (data) =>
      payloads.push(data.toString()),
    );
  }
  return payloads;
}

test('payloads are found whatever line ends, comments and fields stand between', () => {
  const text =
    'data: {"a":1}\n\n: ping\n\nevent: x\r\ndata:two\r\ndata: lines\r\nid: 7\r\n\r\ndata: [DONE]\n\ndata: cut';
  expect(split(text)).toEqual(['{"a":1}', 'two\nlines', '[DONE]']);
});

test('how a stream is cut into chunks changes nothing', () => {
  const text = 'data: {"text":"é 𝄞"}\n\ndata: 1\ndata: 2\r\n\r\n\n\ndata:\n\ndata: [DONE]\n\n';
  const whole = split(text);
  expect(whole).toEqual(['{"text":"é 𝄞"}', '1\n2', '', '[DONE]']);
  fc.assert(
    fc.property(fc.array(fc.nat()), (cuts) => void expect(split(text, cuts)).toEqual(whole)),
  );
});
