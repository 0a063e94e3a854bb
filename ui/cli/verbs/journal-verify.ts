import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { FACTS } from '#core/journal/fact-table.ts';
import {
  type DecisionRow,
  type JournalDifference,
  JournalVerifier,
  type Verification,
} from '#core/journal/verifier.ts';
import { formatCount, formatQuantity } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';
import { formatOption } from '../format-option.ts';
import { readJournalFile } from '../journal/journal-source.ts';
import { cutLines, type JournalFormat, pairLines, printResult } from '../journal/output.ts';
import { guardAmbient } from '../policy/ambient-guard.ts';
import { recordedPolicies } from '../policy/with-policy.ts';

const EXAMPLES = `
Examples:
  $ windtunnel replay conversation_trace.jsonl.gz --journal run.journal.jsonl.gz
  $ windtunnel journal verify run.journal.jsonl.gz
  $ windtunnel journal verify run.journal.jsonl.gz --format json | jq .identical

The facts of the journal are told to a router of its own, without the simulator. Every decision must
come out as the journal says; the first that does not is shown with both sides, and the exit code is
1. A journal that was cut is verified up to its last whole line.`;

/** `windtunnel journal verify FILE`: the facts of a journal give its decisions again, or not. */
export function register(journal: Command): void {
  journal
    .command('verify')
    .description('fly a journal again through core alone, and compare every decision')
    .argument('<file>', 'a journal, plain or .gz')
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

async function verify(file: string, { format }: JournalFormat): Promise<void> {
  const verifier = new JournalVerifier(file, ({ config }) => recordedPolicies(config));
  const startedMs = performance.now();
  await readJournalFile(
    file,
    (chunk) => guardAmbient(() => verifier.push(chunk)),
    () => verifier.line,
  );
  const result = verifier.finish();
  const seconds = (performance.now() - startedMs) / 1000;
  printResult(format, toJson(file, result, seconds), toLines(file, result, seconds));
  if (result.difference !== undefined) process.exitCode = 1;
}

function toJson(file: string, result: Verification, seconds: number): unknown {
  const { lines, whole, restBytes, facts, decisions, digest, difference } = result;
  return {
    file,
    identical: difference === undefined,
    whole,
    lines,
    rest_bytes: restBytes,
    facts,
    decisions,
    decisions_digest: digest,
    difference: difference && differenceJson(difference),
    wall_s: seconds,
    decisions_per_s: decisions / seconds,
  };
}

function differenceJson({ factLine, atNs, journal, core, ...rest }: JournalDifference): unknown {
  return {
    ...rest,
    fact_line: factLine,
    at_ns: atNs,
    journal: journal === undefined ? null : snakeCased(journal),
    core: core === undefined ? null : snakeCased(core),
  };
}

/** A decision by the names that JSON has for its columns. */
function snakeCased(row: DecisionRow): Readonly<Record<string, number>> {
  const entries = Object.entries(row).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(entries);
}

function toLines(file: string, result: Verification, seconds: number): string[] {
  const { facts, decisions, digest, lines, difference } = result;
  if (difference !== undefined) return differenceLines(file, difference);
  const rate = `${seconds.toFixed(2)} s, ${formatQuantity(decisions / seconds)} decisions/s`;
  return [
    `${file}: core alone makes all ${formatCount(decisions)} decisions again`,
    ...cutLines(result),
    '',
    ...pairLines([
      ['lines', formatCount(lines)],
      ['facts', formatCount(facts)],
      ['decisions', `${formatCount(decisions)}, digest ${digest}`],
      ['took', rate],
    ]),
  ];
}

/** The two sides next to each other, with a mark where they differ. */
function differenceLines(file: string, difference: JournalDifference): string[] {
  const { decision, line, fact, factLine, atNs } = difference;
  const journal = difference.journal && snakeCased(difference.journal);
  const core = difference.core && snakeCased(difference.core);
  const names = Object.keys(journal ?? core ?? {});
  const rows = names.map((name) => {
    const sides = [journal?.[name], core?.[name]];
    const mark = sides[0] === sides[1] ? '' : '◄';
    return [`  ${name}`, ...sides.map((value) => (value === undefined ? '–' : `${value}`)), mark];
  });
  const tag = fact.charAt(2);
  const name = FACTS.find((kind) => kind.tag === tag)?.name ?? '';
  return [
    `${file}: decision ${formatCount(decision)} differs, and nothing after it was compared`,
    '',
    `  line ${factLine}  ${fact}  ${name} at ${atNs} ns`,
    `  line ${line}  what follows from it:`,
    '',
    ...renderAligned({ header: ['', 'journal', 'core', ''], rows }),
  ];
}
