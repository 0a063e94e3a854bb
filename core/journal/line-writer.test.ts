import { expect, test } from 'vitest';
import { LineWriter } from './line-writer.ts';

function written(write: (writer: LineWriter) => void): { text: string; chunks: string[] } {
  const chunks: string[] = [];
  const writer = new LineWriter((chunk) => void chunks.push(new TextDecoder().decode(chunk)));
  write(writer);
  writer.flush();
  return { text: chunks.join(''), chunks };
}

test('numbers are written as JSON writes them', () => {
  const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
  const whole = powers.flatMap((power) => [power - 1, power, power + 1, -power, 7 * power]);
  const numbers = [0, -0, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, ...whole];
  const { text } = written((writer) => {
    writer.open('s'.charCodeAt(0));
    for (const number of numbers) writer.int(number);
    writer.number(0.25);
    writer.number(-1e300);
    writer.close();
  });
  expect(JSON.parse(text)).toEqual(['s', ...numbers.map((number) => number + 0), 0.25, -1e300]);
  expect(text.endsWith(']\n')).toBe(true);
});

test('chunks end with a line, and a line may be longer than a chunk', () => {
  const { text, chunks } = written((writer) => {
    writer.line(JSON.stringify({ name: 'é'.repeat(400_000) }));
    for (let line = 0; line < 60_000; line++) {
      writer.open('p'.charCodeAt(0));
      writer.int(line);
      writer.close();
    }
    writer.open('F'.charCodeAt(0));
    for (let row = 0; row < 100_000; row++) writer.int(row);
    writer.close();
    expect(writer.lines).toBe(60_002);
  });
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks) expect(chunk.endsWith('\n')).toBe(true);
  const lines = text.split('\n').slice(0, -1);
  expect(lines).toHaveLength(60_002);
  expect(JSON.parse(lines[60_001]!)).toHaveLength(100_001);
  expect(JSON.parse(lines[60_000]!)).toEqual(['p', 59_999]);
});
