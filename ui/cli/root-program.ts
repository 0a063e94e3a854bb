import { Command } from 'commander';
import { packageVersion } from './package-paths.ts';

const EXAMPLES = `
Examples:
  See what a trace asks of a cluster, and how much of it a cache could serve:
    $ windtunnel trace inspect conversation_trace.jsonl.gz

  Fly it through sixteen workers behind the KV router:
    $ windtunnel replay conversation_trace.jsonl.gz \\
        --set cluster.workers=16 --set router.mode=kv_router --set slo.ttft_ms=500

  Which router serves this traffic better, and is the difference real?
    $ windtunnel compare conversation_trace.jsonl.gz \\
        --vary router.mode=round_robin,kv_router --seeds 20

  The same router in front of real engines, whose day can be flown again:
    $ windtunnel serve --config serve.yaml

Exit codes: 0 ok, 1 ran but failed, 2 bad input, 3 refused for resources, 130 interrupted.`;

/** `windtunnel` itself, before it has any verb. */
export function rootProgram(): Command {
  return (
    new Command('windtunnel')
      .description(
        'Fly the policies of an LLM inference cluster against your own traffic: replay it, compare.',
      )
      .version(packageVersion(), '--version', 'print the version')
      .helpOption('-h, --help', 'show help')
      .showSuggestionAfterError(true)
      .exitOverride()
      // Usage errors are thrown and worded in one place, together with every other failure.
      .configureOutput({ outputError: () => undefined })
      .addHelpText('after', EXAMPLES)
  );
}
