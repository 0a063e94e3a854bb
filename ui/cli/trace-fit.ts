import { stderr, stdout } from 'node:process';
import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { readTraceFile, visitLines } from '#traces/files.ts';
import { closenessOf } from '#traces/generate/fit/closeness.ts';
import { fitTrace } from '#traces/generate/fit/fit-trace.ts';
import { generateFit } from '#traces/generate/fit/generate-fit.ts';
import { type Marginals, marginalsOf, marginalsOfFit } from '#traces/generate/fit/marginals.ts';
import { checkFit, type TraceFit } from '#traces/generate/fit/trace-fit.ts';
import { MooncakeWriter } from '#traces/transform/mooncake-writer.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { programName } from './repeat-command.ts';
import { chosenReading, type ReadingFlags } from './trace-options.ts';
import { closenessTable } from './views/fit-closeness.ts';

interface OutputFlags {
  readonly seed: number;
  readonly output?: string | undefined;
  readonly force?: true;
}

/** Makes a fit of a trace, and says how close what it generates is to that trace. */
export async function fitAndTell(path: string, flags: OutputFlags & ReadingFlags): Promise<void> {
  const trace = await readTraceFile(path, { ...chosenReading(flags), requireTimestamps: false });
  const fit = fitTrace(trace);
  await write([`${JSON.stringify(fit)}\n`], flags);
  const generated = [...generateFit(fit, { requests: trace.requests, seed: flags.seed })];
  const { batches, hasContent, traceBlockSize } = trace;
  tell(marginalsOf(batches, hasContent, traceBlockSize), generated, fit);
  if (flags.output !== undefined) {
    stderr.write(
      `wrote a fit; ${programName()} trace generate ${flags.output} -o like-it.jsonl.gz\n`,
    );
  }
}

/** Generates a trace from the file of a fit. */
export async function generateFromFit(
  path: string,
  flags: OutputFlags & { readonly requests?: number; readonly requestRate?: number },
): Promise<void> {
  const fit = await readFit(path);
  const { requests = fit.requests, requestRate, seed } = flags;
  const batches = [...generateFit(fit, { requests, requestRate, seed })];
  await write(linesOf(batches, fit, path), flags);
  tell(marginalsOfFit(fit), batches, fit);
  if (flags.output !== undefined) {
    const blocks =
      fit.trace_block_size === 512 ? '' : ` --trace-block-size ${fit.trace_block_size}`;
    const count = requests.toLocaleString('en-US');
    stderr.write(
      `wrote ${count} requests; ${programName()} trace inspect ${flags.output}${blocks}\n`,
    );
  }
}

async function readFit(path: string): Promise<TraceFit> {
  const lines: string[] = [];
  await visitLines(path, (text) => lines.push(text));
  try {
    return checkFit(JSON.parse(lines.join('\n')), path);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError('trace_invalid', 'the fit is not JSON', {
      file: path,
      remedy: 'is the file cut off or edited?',
    });
  }
}

function* linesOf(batches: readonly TraceBatch[], fit: TraceFit, path: string): Generator<string> {
  const writer = new MooncakeWriter('kept');
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      yield writer.line(batch, row, fit.trace_block_size, path);
    }
  }
}

async function write(lines: Iterable<string>, { output, force }: OutputFlags): Promise<void> {
  if (output === undefined) await writeTraceLines(lines, stdout);
  else await writeTraceFile(output, lines, force === true);
}

function tell(original: Marginals, generated: readonly TraceBatch[], fit: TraceFit): void {
  const own = marginalsOf(generated, fit.has_content, fit.trace_block_size);
  stderr.write(closenessTable(closenessOf(original, own)));
}
