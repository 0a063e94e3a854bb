import type { Command } from 'commander';
import { type JournalInspection, JournalInspector } from '#core/journal/inspector.ts';
import { outcomeName } from '#core/router/decisions.ts';
import { formatCount, formatNumber, formatRatio, formatSpan } from '#sim/report/format.ts';
import { formatOption } from '../format-option.ts';
import { readJournalFile } from '../journal/journal-source.ts';
import { cutLines, type JournalFormat, pairLines, printResult } from '../journal/output.ts';

const EXAMPLES = `
Examples:
  $ windtunnel journal inspect run.journal.jsonl.gz
  $ windtunnel journal inspect run.journal.jsonl.gz --format json | jq .trace

Nothing is flown: the lines are checked and counted. To see whether the decisions follow from the
facts, use journal verify.`;

/** `windtunnel journal inspect FILE`: what a journal holds and where it comes from. */
export function register(journal: Command): void {
  journal
    .command('inspect')
    .description('what a journal holds, and which run it comes from')
    .argument('<file>', 'a journal, plain or .gz')
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action(inspect);
}

async function inspect(file: string, { format }: JournalFormat): Promise<void> {
  const inspector = new JournalInspector(file);
  await readJournalFile(
    file,
    (chunk) => inspector.push(chunk),
    () => inspector.line,
  );
  const found = inspector.finish();
  printResult(format, toJson(file, found), toLines(file, found));
}

function toJson(file: string, found: JournalInspection): unknown {
  const { header, requestsPerTarget, outcomes, ...rest } = found;
  const { router, configSha256, ...origin } = header;
  return {
    file,
    ...origin,
    config_sha256: configSha256,
    router,
    whole: rest.whole,
    lines: rest.lines,
    rest_bytes: rest.restBytes,
    span_ns: rest.spanNs,
    facts: rest.facts,
    decisions: rest.decisions,
    decisions_queued: rest.queued,
    outcomes: Object.fromEntries(namedOutcomes(outcomes)),
    targets: rest.targets,
    requests_per_target: requestsPerTarget,
    overlap_blocks: rest.overlapBlocks,
    prompt_blocks: rest.promptBlocks,
    forest_nodes: rest.nodes,
    sessions: rest.sessions,
  };
}

/** Outcomes that occur, with how often. */
function namedOutcomes(outcomes: readonly number[]): (readonly [string, number])[] {
  return outcomes
    .map((count, code) => [outcomeName(code), count] as const)
    .filter(([, count]) => count > 0);
}

function toLines(file: string, found: JournalInspection): string[] {
  const { header, requestsPerTarget: perTarget } = found;
  const { trace, configSha256, router, program, version, seed } = header;
  const facts = Object.entries(found.facts).map(([name, count]) => `${name} ${formatCount(count)}`);
  const outcomes = namedOutcomes(found.outcomes).map(([name, n]) => `${name} ${formatCount(n)}`);
  const targets = `${formatNumber(found.targets, 'target')}`;
  const spread = `${formatCount(perTarget.fewest)} to ${formatCount(perTarget.most)} requests each`;
  return [
    `${file}: a journal of version ${version}, written by windtunnel ${program}`,
    ...cutLines(found),
    '',
    ...pairLines([
      ['router', `${router.mode}, ${targets}, seed ${seed}`],
      ...(trace === undefined ? [] : ([['trace', `${trace.path} (${trace.format})`]] as const)),
      ...(trace === undefined ? [] : ([['', `sha256 ${trace.sha256}`]] as const)),
      ...(configSha256 === undefined ? [] : ([['config', `sha256 ${configSha256}`]] as const)),
      ['span', formatSpan(found.spanNs / 1e6)],
      ['lines', formatCount(found.lines)],
      ['facts', facts.join(', ')],
      ['decisions', `${formatCount(found.decisions)}: ${outcomes.join(', ')}`],
      ['', `${spread}, ${formatCount(found.queued)} had waited`],
      ['reuse', reuseOf(found)],
      ['forest', `${formatCount(found.nodes)} nodes`],
      ['sessions', formatCount(found.sessions)],
    ]),
  ];
}

/** What the router believed to be cached where it sent each request. */
function reuseOf({ overlapBlocks, promptBlocks }: JournalInspection): string {
  const share = promptBlocks === 0 ? '' : ` (${formatRatio(overlapBlocks / promptBlocks)})`;
  const blocks = `${formatCount(overlapBlocks)} of ${formatCount(promptBlocks)} full blocks`;
  return `${blocks} of the prompts cached where they were sent${share}`;
}
