import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { DecisionSearch } from '#core/journal/decision-search.ts';
import { formatOption } from '../format-option.ts';
import { explainFound } from '../journal/explain-found.ts';
import { readJournalFile } from '../journal/journal-source.ts';
import { printResult } from '../journal/output.ts';
import {
  addWantedOptions,
  index,
  noteOthers,
  type WantedFlags,
  wantedDecision,
} from '../journal/wanted-decision.ts';
import { explanationJson, explanationLines } from '../views/decision.ts';

interface ExplainFlags extends WantedFlags {
  readonly top?: number;
  readonly all?: boolean;
  readonly format: 'table' | 'json';
}

/** Candidates that are listed when nobody says how many. */
const SHOWN_AT_FIRST = 10;

const EXAMPLES = `
Examples:
  Why did request 4000 go where it went?
    $ windtunnel explain-decision run.journal.jsonl.gz --request 4000

  The same for the request of line 812 of the trace, every candidate, for a script:
    $ windtunnel explain-decision run.journal.jsonl.gz --line 812 --all --format json

The journal is flown through core alone up to the decision, and the router is looked at before the
request is booked. Costs are in blocks, the least wins, and equal costs are drawn for. What another
choice would have done to the outcome, fork says. A live router gives the number of a request that
has ended to another one: --at names one decision among them.`;

/** `windtunnel explain-decision FILE --request ID`: candidates, score terms, winner. */
export function register(program: Command): void {
  const command = program
    .command('explain-decision')
    .description('say why a request went where it went: candidates, score terms, winner')
    .argument('<file>', 'a journal, plain or .gz');
  addWantedOptions(command)
    .addOption(
      new Option(
        '--top <n>',
        `candidates to list, the best first (default: ${SHOWN_AT_FIRST})`,
      ).argParser(index),
    )
    .option('--all', 'list every candidate')
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action(explain);
}

async function explain(file: string, flags: ExplainFlags): Promise<void> {
  const top = shownCandidates(flags);
  const search = new DecisionSearch(file, wantedDecision(flags));
  await readJournalFile(
    file,
    (chunk) => search.push(chunk),
    () => search.line,
  );
  const found = search.finish();
  noteOthers(found, flags);
  const made = { file, found, explained: await explainFound(file, found), top };
  printResult(flags.format, explanationJson(made), explanationLines(made));
}

/** How many candidates to list; a number beside `--all` is refused. */
function shownCandidates({ top, all }: ExplainFlags): number {
  if (all !== true) return top ?? SHOWN_AT_FIRST;
  if (top === undefined) return Number.POSITIVE_INFINITY;
  throw new InputError('usage', '--top and --all contradict each other', {
    received: `--top ${top} --all`,
    allowed: 'one of them',
  });
}
