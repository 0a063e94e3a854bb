import { once } from 'node:events';
import { env, stderr, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import { type AdvisedName, parseAdvised } from '../advise/advised-router.ts';
import { addSetOption, type SetOptions } from '../config-options.ts';
import { hearEndSignals } from '../end-signals.ts';
import { tuneServer } from '../tune-engine.ts';

const EXAMPLES = `
Examples:
  A router in front of two engines. This is serve.yaml:
    http: {port: 8000}
    engines:
      - name: a
        url: http://127.0.0.1:8101
        kv_events: tcp://127.0.0.1:5557
        kv_replay: tcp://127.0.0.1:5558
      - name: b
        url: http://127.0.0.1:8102
        kv_events: tcp://127.0.0.1:5567
        kv_replay: tcp://127.0.0.1:5568
    router: {mode: kv_router}
    journal: {path: run.journal.jsonl}

    $ windtunnel serve --config serve.yaml
    $ curl http://127.0.0.1:8000/v1/completions -H 'content-type: application/json' \\
        -d '{"model": "tiny", "prompt": "Once upon a time", "max_tokens": 16}'

  On another port, by turns:
    $ windtunnel serve --config serve.yaml --set http.port=9000 --set router.mode=round_robin

  No more than so much of each client, and of all together; what is more is answered with 429:
    auth: {client_keys: [{name: ann, sha256: ...}]}
    limits:
      per_client: {requests_per_sec: 10, burst: 50}
      total: {concurrent: 2000}

  Engines that come and go: those that a file lists, that a name of the DNS stands for, or that
  NVIDIA Dynamo has found, instead of engines or besides:
    discovery:
      file: {path: engines.yaml}
      dns: [{name: vllm.default.svc, port: 8000, engine: {block_size: 16, kv_events_port: 5557}}]
      dynamo: {etcd: [http://127.0.0.1:2379], frontend: http://127.0.0.1:8001}

  One of two before the same engines, each told what the other has sent:
    $ windtunnel serve --config serve.yaml --set replicas.transport=zmq \\
        --set replicas.bind=tcp://0.0.0.0:5701 --set 'replicas.peers=["tcp://router-2:5701"]'

  What it is doing, and what its day would have been under another policy:
    $ windtunnel status --url http://127.0.0.1:8000
    $ windtunnel journal verify run.journal.jsonl
    $ windtunnel replay run.journal.jsonl --set router.mode=round_robin

  With a simulator behind it that predicts each request, by times of your engines in serve.yaml
  (shadow: {engine: {timing: {type: linear, base_ms: 8, per_prefill_token_ms: 0.05}}}), and what
  other policies would have given on the same arrivals:
    $ windtunnel serve --config serve.yaml --shadow
    $ windtunnel serve --config serve.yaml --advise policy=round_robin --advise policy=my-router.ts
    $ windtunnel status

  What may stand in serve.yaml, for editors:
    $ windtunnel serve --schema > serve.schema.json

One line with the URL is printed when it is ready. SIGTERM and SIGINT let requests under way end and
end it with exit code 0; a second one cuts them off.`;

interface ServeFlags extends SetOptions {
  readonly config?: string;
  readonly schema?: true;
  readonly shadow?: true;
  readonly advise: readonly AdvisedName[];
}

/** `windtunnel serve --config FILE`: the router of the tunnel in front of real engines. */
export function register(program: Command): void {
  const command = program
    .command('serve')
    .description("put the tunnel's router in front of real engines, as an OpenAI-compatible proxy")
    .option('--config <file>', 'serve.yaml: engines, router, journal')
    .option('--schema', 'print the JSON Schema of serve.yaml instead')
    .option('--shadow', 'predict TTFT and E2E of each request in a simulator behind it')
    .addOption(
      new Option(
        '--advise <policy=file>',
        'fly this policy in the shadow over the same arrivals, as often as needed',
      )
        .argParser((text: string, earlier: readonly AdvisedName[]) => [
          ...earlier,
          parseAdvised(text),
        ])
        .default([], 'none'),
    )
    .addHelpText('after', EXAMPLES)
    .action(serve);
  addSetOption(command);
}

/** Serves until a signal comes. */
async function serve({ config: file, set, schema, ...shadow }: ServeFlags): Promise<void> {
  // Sockets and what speaks through them are loaded by whoever needs them.
  const { readServeConfig, serveSchemaText } = await import('../serve-config.ts');
  if (schema === true) {
    stdout.write(serveSchemaText());
    return;
  }
  if (file === undefined) {
    throw new InputError('usage', 'there is no config', {
      path: '--config',
      remedy: 'name a file; windtunnel serve --help shows one',
    });
  }
  const { options, folder } = readServeConfig(file, set, shadow);
  tuneServer();
  const { startServe } = await import('#live/serve/start-serve.ts');
  const { end, cut } = hearEndSignals();
  const serving = await startServe({ ...options, folder, env, note, signal: end });
  if (serving === undefined) return;
  const { engines } = serving.router.roster;
  const { mode } = serving.router.pools[0]!.options;
  const names = engines.map(({ name }) => name).join(', ');
  stdout.write(`${serving.url} serves ${names} by ${mode}\n`);
  if (!end.aborted) await once(end, 'abort');
  note('requests under way may end; a second signal cuts them off');
  const drained = new AbortController();
  const closed = once(cut, 'abort', { signal: drained.signal }).then(
    () => serving.close(),
    () => undefined,
  );
  const ended = await serving.drain();
  drained.abort();
  await closed;
  if (ended.cut > 0) note(`${ended.cut} requests were cut off`);
}

function note(text: string): void {
  stderr.write(`note: ${text}\n`);
}
