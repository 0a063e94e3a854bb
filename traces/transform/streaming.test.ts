import { expect, test } from 'vitest';
import { TraceBatch } from '../batch.ts';
import { Cut } from './cut.ts';
import { mergeTraces } from './merge.ts';
import { MooncakeWriter } from './mooncake-writer.ts';
import { type RowTransform, rewriteTrace, type TraceSource } from './rewrite.ts';
import { Sample } from './sample.ts';
import { Scale } from './scale.ts';

const BATCHES = 400;
const ROWS = 50;

/** A long trace that is made as it is asked for, and knows how many of its batches were. */
function longTrace(session: string): TraceSource & { readonly asked: number } {
  let asked = 0;
  return {
    path: session,
    traceBlockSize: 4,
    hasContent: true,
    resendsOutput: false,
    get asked() {
      return asked;
    },
    async *batches(): AsyncGenerator<TraceBatch> {
      for (; asked < BATCHES; ) {
        const batch = new TraceBatch();
        for (let index = 0; index < ROWS; index++) {
          const row = batch.append(1, 4, 1);
          batch.timestampMs[row] = asked * ROWS + index;
          batch.sessionId[row] = index % 5 === 0 ? `${session}-${asked}-${index}` : undefined;
          batch.appendHashId(index);
        }
        asked++;
        yield batch;
      }
    },
  };
}

const keep: RowTransform = { take: () => true };

test.each<readonly [string, () => RowTransform]>([
  ['convert', () => keep],
  ['cut', () => new Cut({ fromMs: 0, requests: 1e6 })],
  ['sample', () => new Sample(1, 3)],
  ['scale', () => new Scale({ file: 't', rate: 2, lengths: 1 })],
])('%s holds one batch of a trace, however long it is', async (_, transform) => {
  const source = longTrace('a');
  const counts = { read: 0, written: 0, blockSize: 4 };
  const lines = rewriteTrace(source, transform(), new MooncakeWriter('kept'), counts);
  let written = 0;
  for await (const _line of lines) {
    written++;
    expect(source.asked).toBe(Math.ceil(written / ROWS));
  }
  expect(written).toBe(BATCHES * ROWS);
});

test('merge holds one batch of each trace', async () => {
  const sources = [longTrace('a'), longTrace('b')];
  const counts = { read: 0, written: 0, blockSize: 4 };
  let written = 0;
  for await (const _line of mergeTraces(sources, new MooncakeWriter('apart'), counts)) {
    written++;
    for (const { asked } of sources) {
      expect(asked).toBeLessThanOrEqual(Math.floor(written / 2 / ROWS) + 2);
    }
  }
  expect(written).toBe(2 * BATCHES * ROWS);
});
