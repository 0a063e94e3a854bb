import type { Command } from 'commander';
import { rootProgram } from './root-program.ts';
import { refuseRepeats } from './single-flags.ts';
import { register as registerAccuracy } from './verbs/accuracy.ts';
import { register as registerBench } from './verbs/bench.ts';
import { register as registerCalibrate } from './verbs/calibrate.ts';
import { register as registerCompare } from './verbs/compare.ts';
import { register as registerConfigDiff } from './verbs/config-diff.ts';
import { register as registerConfigExpand } from './verbs/config-expand.ts';
import { register as registerConfigInit } from './verbs/config-init.ts';
import { register as registerConfigValidate } from './verbs/config-validate.ts';
import { register as registerEstimate } from './verbs/estimate.ts';
import { register as registerExplain } from './verbs/explain.ts';
import { register as registerExplainDecision } from './verbs/explain-decision.ts';
import { register as registerFork } from './verbs/fork.ts';
import { register as registerJournalInspect } from './verbs/journal-inspect.ts';
import { register as registerJournalToTrace } from './verbs/journal-to-trace.ts';
import { register as registerJournalVerify } from './verbs/journal-verify.ts';
import { register as registerMockEngine } from './verbs/mock-engine.ts';
import { register as registerOracle } from './verbs/oracle.ts';
import { register as registerReplay } from './verbs/replay.ts';
import { register as registerServe } from './verbs/serve.ts';
import { register as registerStatus } from './verbs/status.ts';
import { register as registerTraceConvert } from './verbs/trace-convert.ts';
import { register as registerTraceCut } from './verbs/trace-cut.ts';
import { register as registerTraceGenerate } from './verbs/trace-generate.ts';
import { register as registerTraceInspect } from './verbs/trace-inspect.ts';
import { register as registerTraceMerge } from './verbs/trace-merge.ts';
import { register as registerTraceSample } from './verbs/trace-sample.ts';
import { register as registerTraceScale } from './verbs/trace-scale.ts';

const TRACE_EXAMPLES = `
Examples:
    $ windtunnel trace inspect conversation_trace.jsonl.gz
    $ windtunnel trace generate chat --requests 1000 -o chat.jsonl.gz
    $ windtunnel trace cut conversation_trace.jsonl.gz --from 600 --to 1200 -o part.jsonl.gz
    $ windtunnel trace scale conversation_trace.jsonl.gz --rate 2 -o twice.jsonl.gz`;

const JOURNAL_EXAMPLES = `
Examples:
    $ windtunnel replay conversation_trace.jsonl.gz --journal run.journal.jsonl.gz
    $ windtunnel journal verify run.journal.jsonl.gz
    $ windtunnel journal inspect run.journal.jsonl.gz
    $ windtunnel journal to-trace run.journal.jsonl.gz -o run.jsonl.gz`;

/** The whole command line: every verb, and nothing of what a verb does. */
export function createProgram(): Command {
  const program = rootProgram();
  registerReplay(program);
  registerCompare(program);
  const trace = program
    .command('trace')
    .description('look into traces, make them, and make new ones of them')
    .addHelpText('after', TRACE_EXAMPLES);
  registerTraceInspect(trace);
  registerTraceGenerate(trace);
  registerTraceConvert(trace);
  registerTraceMerge(trace);
  registerTraceCut(trace);
  registerTraceScale(trace);
  registerTraceSample(trace);
  const journal = program
    .command('journal')
    .description('prove and use what `replay --journal` has written: every fact, every decision')
    .addHelpText('after', JOURNAL_EXAMPLES);
  registerJournalVerify(journal);
  registerJournalInspect(journal);
  registerJournalToTrace(journal);
  registerEstimate(program);
  registerAccuracy(program);
  registerCalibrate(program);
  registerExplainDecision(program);
  registerFork(program);
  registerOracle(program);
  registerMockEngine(program);
  registerConfigInit(program);
  registerConfigValidate(program);
  registerConfigExpand(program);
  registerConfigDiff(program);
  registerExplain(program);
  registerServe(program);
  registerStatus(program);
  registerBench(program);
  refuseRepeats(program);
  return program;
}
