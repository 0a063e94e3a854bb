import type { TraceFormat } from '#core/config/trace-formats.ts';
import type { TraceBatch } from '../batch.ts';
import { TraceCollector } from '../collector.ts';
import { mergeTraces } from './merge.ts';
import { MooncakeWriter } from './mooncake-writer.ts';
import {
  type RewriteCounts,
  type RowTransform,
  rewriteTrace,
  type TraceSource,
} from './rewrite.ts';
import type { Naming } from './row-ids.ts';

/** The rows of a trace in memory, as Mooncake JSONL unless another format is named. */
export function sourceOf(
  lines: readonly string[],
  path = 't',
  format: TraceFormat = 'mooncake',
  requireTimestamps = false,
): TraceSource {
  const traceBlockSize = 4;
  return {
    path,
    traceBlockSize,
    hasContent: format === 'mooncake',
    resendsOutput: false,
    async *batches(): AsyncGenerator<TraceBatch> {
      const collector = new TraceCollector(path, { format, traceBlockSize, requireTimestamps });
      for (const line of lines) {
        collector.push(new TextEncoder().encode(`${line.trimEnd()}\n`));
        yield* collector.takeComplete();
      }
      yield* collector.finish('').batches;
    },
  };
}

/** What a transform makes of a trace, line by line. */
export async function rewritten(
  source: TraceSource,
  transform: RowTransform,
): Promise<{ readonly lines: readonly string[]; readonly counts: RewriteCounts }> {
  const counts = { read: 0, written: 0, blockSize: 512 };
  const lines = rewriteTrace(source, transform, new MooncakeWriter('kept'), counts);
  return { lines: await gather(lines), counts };
}

/** What a merge makes of traces, line by line. */
export function merged(
  sources: readonly TraceSource[],
  naming: Naming,
): Promise<readonly string[]> {
  const counts = { read: 0, written: 0, blockSize: 512 };
  return gather(mergeTraces(sources, new MooncakeWriter(naming), counts));
}

async function gather(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
