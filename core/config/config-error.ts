import { assertDefined } from '#core/base/assert.ts';
import { InputError, type InputErrorOptions } from '#core/base/errors.ts';

/**
 * All that is wrong with a config. It is its first problem, with the others listed below it, so
 * that one run shows what there is to mend.
 */
export class ConfigError extends InputError {
  readonly problems: readonly InputError[];

  constructor(problems: readonly InputError[]) {
    const first = assertDefined(problems[0], 'a config error needs a problem');
    const messages = problems.map((problem) => problem.message);
    const data: InputErrorOptions & { problems: readonly string[] } = {
      ...first.data,
      problems: messages,
    };
    super(first.code, '', data);
    this.problems = problems;
    this.message = listProblems(messages);
  }
}

function listProblems(messages: readonly string[]): string {
  const [first = '', ...others] = messages;
  if (others.length === 0) return first;
  const heading = `and ${others.length} more ${others.length === 1 ? 'problem' : 'problems'}:`;
  return [first, heading, ...others.map((message) => `  ${message}`)].join('\n');
}
