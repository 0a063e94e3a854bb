import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import { DenseIds } from './dense-ids.ts';
import {
  type JsonRecord,
  type LinePlace,
  type NumberRange,
  OUTPUT_TOKENS,
  PROMPT_TOKENS,
  requireNumber,
  SECONDS,
} from './fields.ts';
import { parseRecord, readArray } from './json-line.ts';
import {
  DEFAULT_TRACE_BLOCK_SIZE,
  type LineReaderOptions,
  type TraceLineReader,
} from './line-reader.ts';
import { refuseUntimed } from './untimed.ts';

const SHAPE = 'each line holds one session: {"num_turns", "input_prompt_length", …}';

/**
 * Reads Applied Compute's agent sessions, a session a line: `num_turns` calls that each end in a tool,
 * and a last one. A prompt is the one before, its answer and the tool's output; an answer is new
 * content to the cache, as in Dynamo's replay. Sessions share nothing and have no times of arrival.
 */
export class AppliedComputeReader implements TraceLineReader {
  readonly hasContent = true;
  readonly traceBlockSize: number;
  readonly #options: LineReaderOptions;
  readonly #ids = new DenseIds();
  #sessions = 0;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.traceBlockSize = options.traceBlockSize ?? DEFAULT_TRACE_BLOCK_SIZE;
  }

  get sessions(): number {
    return this.#sessions;
  }

  readLine(text: string, line: number, batch: TraceBatch): void {
    const place: LinePlace = { file: this.#options.file, line };
    const session = parseRecord(text, place, SHAPE);
    if (this.#options.requireTimestamps)
      refuseUntimed('applied_compute_agentic has no times of arrival', place);
    const turns = requireNumber(session, 'num_turns', OUTPUT_TOKENS, place);
    const answers = readColumn(session, 'assistant_response_length', turns, OUTPUT_TOKENS, place);
    const results = readColumn(session, 'tool_call_output_length', turns, OUTPUT_TOKENS, place);
    const toolS = readColumn(session, 'tool_call_latency', turns, SECONDS, place);
    answers.push(requireNumber(session, 'final_assistant_response_length', OUTPUT_TOKENS, place));
    let inputTokens = requireNumber(session, 'input_prompt_length', PROMPT_TOKENS, place);
    const ids: number[] = [];
    this.#sessions++;
    for (const [turn, answer] of answers.entries()) {
      // Checks that the prompt has not grown beyond what a column holds.
      requireNumber(
        { input_prompt_length: inputTokens },
        'input_prompt_length',
        PROMPT_TOKENS,
        place,
      );
      const row = batch.append(line, inputTokens, answer);
      batch.sessionId[row] = `session-${line}`;
      if (turn > 0) batch.delayMs[row] = toolS[turn - 1]! * 1_000;
      const blocks = Math.ceil(inputTokens / this.traceBlockSize);
      while (ids.length < blocks) ids.push(this.#ids.fresh(place));
      for (const id of ids) batch.appendHashId(id);
      inputTokens += answer + (results[turn] ?? 0);
    }
  }
}

function readColumn(
  session: JsonRecord,
  name: string,
  length: number,
  range: NumberRange,
  place: LinePlace,
): number[] {
  const column = readArray(session, name, place);
  if (column.length !== length) {
    throw new InputError('trace_invalid', `${name} has ${column.length}, expected ${length}`, {
      ...place,
      path: name,
      remedy: 'it has one entry for each of num_turns',
    });
  }
  return column.map((value, index) => {
    const path = `${name}[${index}]`;
    return requireNumber({ [path]: value }, path, range, place);
  });
}
