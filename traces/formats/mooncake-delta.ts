import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';
import { MooncakeReader } from './mooncake.ts';

/**
 * Reads mooncake_delta, where a follow-up turn states only what is new. Its prompt is the one before,
 * the output generated for it, and the new input: a prompt that holds generated tokens, which the
 * engines here do not have. First turns are those of Mooncake; a follow-up turn is refused.
 */
export class MooncakeDeltaReader implements TraceLineReader {
  readonly hasContent = true;
  readonly #file: string;
  readonly #rows: MooncakeReader;
  readonly #begun = new Set<string>();

  constructor(options: LineReaderOptions) {
    this.#file = options.file;
    this.#rows = new MooncakeReader(options);
  }

  get sessions(): number {
    return this.#rows.sessions;
  }

  get traceBlockSize(): number {
    return this.#rows.traceBlockSize;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    this.#rows.readLine(text, line, batch);
    const session = batch.sessionId[batch.count - 1];
    if (session === undefined) return;
    if (!this.#begun.has(session)) {
      this.#begun.add(session);
      return;
    }
    const problem = 'a follow-up prompt would hold generated output, which is not modelled';
    throw new InputError('trace_invalid', problem, {
      file: this.#file,
      line,
      path: 'session_id',
      received: session,
      remedy: 'give the whole prompt in each turn (--trace-format mooncake)',
    });
  }
}
