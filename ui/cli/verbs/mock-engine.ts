import { once } from 'node:events';
import { stdout } from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MockEngine } from '#live/mock/mock-engine.ts';
import type { MockOptions } from '#live/mock/mock-options.ts';
import { addConfigOptions } from '../config-options.ts';
import type { MockFlags } from '../mock/mock-options.ts';
import { counted, positive, seedOption } from '../number-flags.ts';
import { tuneServer } from '../tune-engine.ts';

const EXAMPLES = `
Examples:
  An engine that answers ten times as fast as its model, and tells what it has cached:
    $ windtunnel mock-engine --port 8101 --model tiny --speed 10 \\
        --kv-events tcp://127.0.0.1:5557 --kv-replay tcp://127.0.0.1:5558
    $ curl -s http://127.0.0.1:8101/v1/completions -H 'content-type: application/json' \\
        -d '{"model": "tiny", "prompt": "hello", "max_tokens": 4}'

  Four engines in one process, on ports 8101 to 8104, as a run's config describes them:
    $ windtunnel mock-engine --port 8101 --workers 4 --config aggregated.yaml

  Prompts here, answers there:
    $ windtunnel mock-engine --port 8201 --role prefill
    $ windtunnel mock-engine --port 8202 --role decode

  What if one is slow, or dies and comes back after two seconds?
    $ curl http://127.0.0.1:8101/admin/fault -H 'content-type: application/json' -d '{"slow": 5}'
    $ curl http://127.0.0.1:8101/admin/fault -H 'content-type: application/json' \\
        -d '{"crash": true, "restart_after_ms": 2000}'

It is the engine that replays fly, on the network: the config is theirs, and its engine section
counts. SIGTERM ends it. Each further worker or rank takes the next port of every address.`;

/** To a shell, a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** `windtunnel mock-engine`: the simulator's engine as a server, in real or scaled time. */
export function register(program: Command): void {
  const command = program
    .command('mock-engine')
    .description("serve the simulator's engine: HTTP and KV events as vLLM or SGLang have them");
  addConfigOptions(command)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <port>', 'port of the first worker').argParser(port).default(8101),
    )
    .option('--model <name>', 'name of the model that it serves', 'tiny')
    .option('--lora <name...>', 'LoRA adapters, which are served by their names', [])
    .addOption(
      new Option('--backend <engine>', 'whose shapes and scheduler').choices(['vllm', 'sglang']),
    )
    .addOption(
      new Option('--role <role>', 'what the workers do of a request')
        .choices(['aggregated', 'prefill', 'decode'])
        .default('aggregated'),
    )
    .addOption(counted('--workers <n>', 'engines, on consecutive ports').default(1))
    .addOption(
      new Option('--speed <factor>', 'seconds of the engine in one second')
        .argParser(positive)
        .default(1),
    )
    .option('--kv-events <address>', 'publish KV events there, e.g. tcp://127.0.0.1:5557')
    .option('--kv-replay <address>', 'answer there who has missed some')
    .addOption(
      new Option('--kv-events-mode <mode>', 'whether this side binds the address of --kv-events')
        .choices(['bind', 'connect'])
        .default('bind'),
    )
    .option('--kv-events-topic <text>', 'first frame of every event', '')
    .option('--own-hashes', 'name blocks by hashes of this process alone')
    .addOption(
      new Option('--bootstrap-port <port>', 'where decode workers meet a prefill worker of SGLang')
        .argParser(port)
        .default(8998),
    )
    .addOption(
      counted('--answer-tokens <n>', 'length of an answer that no request bounds').default(128),
    )
    .option('--no-prompt-tokens-details', 'do not tell how much of a prompt was cached')
    .addOption(seedOption())
    .addHelpText('after', EXAMPLES)
    .action(serve);
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError('allowed: a port, 0 = one that is free.');
}

/** Serves until a signal comes, or until all engines have crashed for good. */
async function serve(flags: MockFlags): Promise<void> {
  // Sockets are loaded by whoever needs them.
  const { mockOptionsOf } = await import('../mock/mock-options.ts');
  const options = mockOptionsOf(flags);
  tuneServer();
  const engines = await openAll(options, flags);
  const ended = Promise.race([
    once(process, 'SIGTERM').then(() => 0),
    once(process, 'SIGINT').then(() => INTERRUPTED),
  ]);
  let alive = engines.length;
  const down = new Promise<number>((resolve) => {
    for (const engine of engines) {
      engine.onDown = () => {
        if (--alive === 0) resolve(1);
      };
    }
  });
  const urls = engines.map(({ url }) => url).join(' ');
  stdout.write(`${flags.model} (${options[0]!.backend}) is served at ${urls}\n`);
  process.exitCode = await Promise.race([ended, down]);
  await Promise.all(engines.map((engine) => engine.close()));
}

async function openAll(
  options: readonly MockOptions[],
  flags: MockFlags,
): Promise<readonly MockEngine[]> {
  const { MockEngine: Engine } = await import('#live/mock/mock-engine.ts');
  const { unopened } = await import('../mock/mock-addresses.ts');
  const engines: MockEngine[] = [];
  try {
    for (const one of options) engines.push(await Engine.open(one));
  } catch (error) {
    await Promise.all(engines.map((engine) => engine.close()));
    throw unopened(error, flags, options[0]!.config.engine.data_parallel_size);
  }
  return engines;
}
