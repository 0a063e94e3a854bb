import { writeFileSync } from 'node:fs';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { type Estimate, estimate } from '#sim/estimate/estimate.ts';
import { type MeasuredRow, readMeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { pointOfRow } from '#sim/estimate/measured/point-of-row.ts';
import { readTextLines } from '../text-lines.ts';

/** What is written for a row: its estimate, or a typed reason why there is none. */
export type PointAnswer =
  | ({ readonly id: string } & Estimate)
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

/** The answer to one row; what a row lacks is part of the answer. */
export function answer(row: MeasuredRow, seed: number): PointAnswer {
  const { id } = row;
  try {
    return { id, ...estimate(pointOfRow(row, seed)) };
  } catch (error) {
    if (!(error instanceof WindtunnelError)) throw error;
    return { id, error: { code: error.code, message: error.message } };
  }
}

/**
 * Answers every row of a file, in order, and writes a line for each. A line that cannot be read ends
 * it, naming the line, unless `keepGoing`, which answers it with its error.
 */
export function answerPoints(
  path: string,
  out: string,
  options: { readonly seed: number; readonly keepGoing: boolean },
  onAnswer: (done: number, total: number) => void,
): { readonly answered: number; readonly failed: number } {
  const lines = readTextLines(path);
  const answers: PointAnswer[] = [];
  for (const { text, line } of lines) {
    answers.push(answerLine(text, path, line, options));
    onAnswer(answers.length, lines.length);
  }
  writeFileSync(out, answers.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const failed = answers.filter((each) => 'error' in each).length;
  return { answered: answers.length - failed, failed };
}

function answerLine(
  text: string,
  path: string,
  line: number,
  { seed, keepGoing }: { readonly seed: number; readonly keepGoing: boolean },
): PointAnswer {
  try {
    return answer(readMeasuredRow(text, path, line), seed);
  } catch (error) {
    if (!keepGoing || !(error instanceof InputError)) throw error;
    return { id: idOf(text, line), error: { code: error.code, message: error.message } };
  }
}

/** What a row that lacks something is called, or its place where not even that can be read. */
function idOf(text: string, line: number): string {
  try {
    return String(JSON.parse(text).id ?? `line-${line}`);
  } catch {
    return `line-${line}`;
  }
}
