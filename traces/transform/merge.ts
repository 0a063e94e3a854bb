import { InputError } from '#core/base/errors.ts';
import type { RewriteCounts, TraceSource } from './rewrite.ts';
import { type TimedRow, timedRows } from './timed-rows.ts';
import type { TraceWriter } from './trace-writer.ts';

/**
 * The rows of several traces by time, as lines; rows of the same time in the order of the files.
 * Every source must have been opened with timestamps required.
 */
export async function* mergeTraces(
  sources: readonly TraceSource[],
  writer: TraceWriter,
  counts: RewriteCounts,
): AsyncGenerator<string> {
  const streams = sources.map((source) => timedRows(source.batches()));
  const heads: (TimedRow | undefined)[] = [];
  for (const stream of streams) heads.push((await stream.next()).value ?? undefined);
  counts.blockSize = commonBlockSize(sources, heads) ?? counts.blockSize;
  const head = writer.begin({
    blockSize: counts.blockSize,
    hasContent: sources.some(({ hasContent }) => hasContent),
    resendsOutput: commonResending(sources),
  });
  if (head !== '') yield head;
  for (;;) {
    const first = earliest(heads);
    if (first < 0) return;
    const { batch, row } = heads[first]!;
    counts.read++;
    counts.written++;
    yield writer.line(batch, row, counts.blockSize, sources[first]!.path, first);
    heads[first] = (await streams[first]!.next()).value ?? undefined;
  }
}

function earliest(heads: readonly (TimedRow | undefined)[]): number {
  let best = -1;
  for (let index = 0; index < heads.length; index++) {
    const head = heads[index];
    if (head !== undefined && (best < 0 || head.timeMs < heads[best]!.timeMs)) best = index;
  }
  return best;
}

/** The block size of the traces that have content; they must agree, ids cannot be re-blocked. */
function commonBlockSize(
  sources: readonly TraceSource[],
  heads: readonly (TimedRow | undefined)[],
): number | undefined {
  let common: number | undefined;
  let commonPath = '';
  for (const [index, head] of heads.entries()) {
    const hasContent =
      head !== undefined && head.batch.hashStart[head.row + 1]! > head.batch.hashStart[head.row]!;
    const { path, traceBlockSize } = sources[index]!;
    if (!hasContent || traceBlockSize === undefined) continue;
    if (common !== undefined && common !== traceBlockSize) {
      throw new InputError('trace_invalid', `the trace has blocks of ${traceBlockSize} tokens`, {
        file: path,
        allowed: `blocks of ${common} tokens, as ${commonPath} has`,
        remedy: 'only traces of one block size can be merged',
      });
    }
    common = traceBlockSize;
    commonPath = path;
  }
  return common;
}

/** Whether prompts hold earlier output; traces of both kinds cannot become one. */
function commonResending(sources: readonly TraceSource[]): boolean {
  const [first, ...others] = sources;
  const odd = others.find(({ resendsOutput }) => resendsOutput !== first?.resendsOutput);
  if (odd === undefined) return first?.resendsOutput ?? false;
  throw new InputError('trace_invalid', 'only some of the traces resend what was generated', {
    file: odd.path,
    remedy: 'convert those with follow-ups as deltas to Mooncake first (trace convert)',
  });
}
