import { stderr } from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import type { FoundDecision, WantedDecision } from '#core/journal/decision-search.ts';
import { formatCount } from '#sim/report/format.ts';

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
    .addOption(
      new Option('--request <id>', 'the last decision on a request of this number').argParser(
        index,
      ),
    )
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

/** Decisions that a note lists by their numbers. */
const MOST_LISTED = 10;

/**
 * Says on stderr that what the flags name is decided on more than once: a request that came again, or
 * another one of the same number.
 */
export function noteOthers({ alike }: FoundDecision, { request, line }: WantedFlags): void {
  if (alike.length < 2) return;
  const what = request === undefined ? `line ${line}` : `request ${request}`;
  const listed = alike.slice(-MOST_LISTED).map(formatCount).join(', ');
  const left = alike.length > MOST_LISTED ? '…, ' : '';
  const times = formatCount(alike.length);
  stderr.write(
    `note: ${what} stands for ${times} decisions (${left}${listed}); this is the last, --at names one\n`,
  );
}

/** A whole number from 0. */
export function index(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('allowed: a whole number from 0');
}
