import { type Command, Option } from 'commander';
import { DecisionSearch } from '#core/journal/decision-search.ts';
import { ForcedChoice } from '#sim/fork/forced-choice.ts';
import { outcomeDifference } from '#sim/fork/outcome-difference.ts';
import { formatOption } from '../format-option.ts';
import { readJournalFile } from '../journal/journal-source.ts';
import { checkChoice } from '../journal/other-choice.ts';
import { printResult } from '../journal/output.ts';
import {
  checkFlown,
  checkSameDecisions,
  flyAgain,
  loadRecordedRun,
} from '../journal/recorded-run.ts';
import {
  addWantedOptions,
  index,
  noteOthers,
  type WantedFlags,
  wantedDecision,
} from '../journal/wanted-decision.ts';
import { type Fork, forkJson, forkLines } from '../views/fork.ts';

interface ForkFlags extends WantedFlags {
  readonly worker: number;
  readonly trace?: string;
  readonly top: number;
  readonly format: 'table' | 'json';
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  What if decision 4000 had gone to worker 3?
    $ windtunnel fork run.journal.jsonl.gz --at 4000 --worker 3

  The same for the request of line 812 of the trace, for a script:
    $ windtunnel fork run.journal.jsonl.gz --line 812 --worker 3 --format json | jq .lost

The run of the journal is flown twice from its trace, config and seed: as it was, and with this one
decision forced to another worker. Everything before the decision is the same; what differs after it
is the outcome of the choice, for all requests. Later choices follow from it, so that on a busy
cluster nearly everything after it moves a little: over all requests a good part of the difference
is chance, and of the request itself none is.

K is a worker that the request could have gone to: by its pin or its session's, its taints and LoRA
adapter, and the load of the worker at that moment. What a policy file filters out is part of its
choice, and can be forced. With engine.data_parallel_size above 1, K is one rank of a worker:
worker · data_parallel_size + rank.

The journal of a live router cannot be forked, because it has no model of the engines behind it: fly
its requests with replay --journal, and fork that.`;

/** `windtunnel fork FILE --at N --worker K`: flies on from a decision with another choice. */
export function register(program: Command): void {
  const command = program
    .command('fork')
    .description('fly on from one decision with another choice, and say who gained and who lost')
    .argument('<file>', 'a journal, plain or .gz');
  addWantedOptions(command)
    .addOption(
      new Option('--worker <k>', 'where the request goes instead')
        .argParser(index)
        .makeOptionMandatory(),
    )
    .option('--trace <file>', 'the trace, if it is not where the run found it')
    .addOption(
      new Option('--top <n>', 'requests to list that gained most, and that lost most')
        .argParser(index)
        .default(5),
    )
    .addOption(formatOption())
    .option('--quiet', 'no progress on stderr')
    .addHelpText('after', EXAMPLES)
    .action(fork);
}

async function fork(file: string, flags: ForkFlags): Promise<void> {
  const search = new DecisionSearch(file, wantedDecision(flags));
  await readJournalFile(
    file,
    (chunk) => search.push(chunk),
    () => search.line,
  );
  const found = search.finish();
  checkFlown(file, found.header);
  noteOthers(found, flags);
  await checkChoice(file, found, flags.worker);
  const run = await loadRecordedRun(file, found.header, flags.trace);
  const before = flyAgain(run, { ...flags, label: 'as it was' });
  checkSameDecisions(file, found.trailer, before.trailer);
  const forced = new ForcedChoice(found.request, flags.worker);
  const after = flyAgain(run, { ...flags, label: 'forked' }, forced);
  const difference = outcomeDifference(
    before.result.requests,
    after.result.requests,
    found.request,
    flags.top,
  );
  const made: Fork = { file, found, worker: flags.worker, difference };
  printResult(flags.format, forkJson(made), forkLines(made));
}
