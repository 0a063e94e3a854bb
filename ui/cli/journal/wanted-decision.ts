import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import type { WantedDecision } from '#core/journal/decision-search.ts';

/** The ways to name a decision; exactly one is needed. */
export interface WantedFlags {
  readonly at?: number;
  readonly request?: number;
  readonly line?: number;
}

/** Adds `--at`, `--request` and `--line`. */
export function addWantedOptions(command: Command): Command {
  return command
    .addOption(new Option('--at <n>', 'the n-th decision of the journal, from 0').argParser(index))
    .addOption(new Option('--request <id>', 'the decision on this request').argParser(index))
    .addOption(
      new Option('--line <n>', 'the decision on the request of this line of the trace').argParser(
        index,
      ),
    );
}

/** Which decision the flags ask for. */
export function wantedDecision({ at, request, line }: WantedFlags): WantedDecision {
  const wanted: WantedDecision[] = [];
  if (at !== undefined) wanted.push({ by: 'decision', value: at });
  if (request !== undefined) wanted.push({ by: 'request', value: request });
  if (line !== undefined) wanted.push({ by: 'line', value: line });
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return only;
  throw new InputError(
    'usage',
    `${only === undefined ? 'no' : 'more than one'} decision is named`,
    {
      allowed: '--at N, --request ID or --line N',
    },
  );
}

/** A whole number from 0. */
export function index(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('allowed: a whole number from 0');
}
