import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '#core/base/errors.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { valueAtPath } from '#core/config/written.ts';
import { parsePositive, parseSeed } from './trace-options.ts';

/** A flag that the field knows, and the key of the config that it stands for. */
interface ShortFlag {
  readonly flag: string;
  readonly value: string;
  readonly path: string;
  readonly parse: (text: string) => number | string;
  readonly help: string;
}

/** All short flags; whatever has no flag here is reached by `--set`. */
const SHORT_FLAGS: readonly ShortFlag[] = [
  flag('seed', 'n', 'seed', parseSeed, 'everything random is drawn from it'),
  flag(
    'concurrency',
    'n',
    'workload.concurrency',
    parseWhole,
    'closed loop of so many requests or sessions; with --request-rate a cap',
  ),
  flag(
    'request-rate',
    'rps',
    'workload.request_rate',
    parsePositive,
    'open loop, Poisson arrivals; sessions count once',
  ),
  flag(
    'max-concurrency',
    'n',
    'workload.max_concurrency',
    parseWhole,
    'cap of an open loop: those beyond wait outside',
  ),
  flag(
    'burstiness',
    'shape',
    'workload.burstiness',
    parsePositive,
    'gamma arrivals of this shape: 1 is Poisson, smaller is burstier',
  ),
  flag(
    'benchmark-duration',
    's',
    'workload.duration_s',
    parsePositive,
    'send nothing from then on',
  ),
  flag(
    'warmup-request-count',
    'n',
    'workload.warmup_requests',
    parseWhole,
    'leave the first n to arrive out of the statistics',
  ),
  flag(
    'trace-block-size',
    'tokens',
    'workload.trace_block_size',
    parseWhole,
    'tokens that one hash id stands for; default: what the file says, or 512',
  ),
  flag(
    'trace-format',
    'format',
    'workload.trace_format',
    (name) => name,
    'format of the trace; auto looks at its first line',
  ),
  flag('num-requests', 'n', 'workload.num_requests', parseWhole, 'only the first n of the trace'),
  flag('num-prompts', 'n', 'workload.num_requests', parseWhole, 'the same, as vLLM calls it'),
  flag(
    'arrival-speedup-ratio',
    'x',
    'workload.arrival_speedup_ratio',
    parsePositive,
    'divide the gaps between arrivals',
  ),
  flag('max-num-seqs', 'n', 'engine.max_num_seqs', parseWhole, 'requests a worker runs at once'),
  flag(
    'max-num-batched-tokens',
    'n',
    'engine.max_num_batched_tokens',
    parseWhole,
    'tokens of one forward pass',
  ),
  flag('block-size', 'tokens', 'engine.block_size', parseWhole, 'tokens of one KV block'),
  flag(
    'calibration',
    'file',
    'engine.calibration',
    (file) => file,
    'constants of your own deployment, by windtunnel calibrate',
  ),
  flag(
    'policy',
    'file',
    'router.policy',
    (text) => text,
    'policies of your own, TypeScript or YAML',
  ),
  flag(
    'router-policy-config',
    'file',
    'router.router_policy_config',
    (file) => file,
    'policy classes of the router',
  ),
  flag('ttft', 'ms', 'slo.ttft_ms', parsePositive, 'objective: time to first token'),
  flag('itl', 'ms', 'slo.itl_ms', parsePositive, 'objective: mean gap between tokens'),
  flag('e2e', 'ms', 'slo.e2e_ms', parsePositive, 'objective: time to last token'),
];

const STEPPING = { flag: 'engine-stepping', path: 'engine.stepping' } as const;

function flag(
  name: string,
  value: string,
  path: string,
  parse: (text: string) => number | string,
  help: string,
): ShortFlag {
  return { flag: name, value, path, parse, help };
}

/** A whole number; its range is the business of the config. */
function parseWhole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('allowed: a whole number');
}

/** Adds the short flags to a verb. */
export function addShortFlags(command: Command): Command {
  for (const { flag: name, value, path, parse, help } of SHORT_FLAGS) {
    command.addOption(
      new Option(`--${name} <${value}>`, `${help} (${path})`).argParser((text) => parse(text)),
    );
  }
  return command.addOption(
    new Option(
      `--${STEPPING.flag} <how>`,
      `leap over equal passes or not (${STEPPING.path})`,
    ).choices(['exact', 'leap']),
  );
}

/**
 * The `--set` options that the given flags stand for, after those of the command line. A flag and a
 * `--set` of the same key contradict each other or repeat each other: refused. As in AIPerf and vLLM,
 * `--request-rate` means Poisson arrivals, with `--burstiness` gamma ones, and `--concurrency` beside
 * it is a cap.
 */
export function withShortFlags(
  sets: readonly SetOption[],
  flags: Readonly<Record<string, unknown>>,
  file: unknown,
): SetOption[] {
  const all = [...SHORT_FLAGS, STEPPING];
  const given = all.flatMap(({ flag: name, path: ownPath }): SetOption[] => {
    const value = flags[camelCase(name)];
    if (value === undefined) return [];
    const caps = name === 'concurrency' && flags.requestRate !== undefined;
    const path = caps ? 'workload.max_concurrency' : ownPath;
    if (sets.some((set) => set.path === path)) throw saidTwice(name, path);
    return [{ path, value, flag: `--${name}` }];
  });
  return [...sets, ...given, ...impliedArrivals(sets, flags, file)];
}

/** The family of arrivals that a rate or a burstiness implies, unless the user decided about it. */
function impliedArrivals(
  sets: readonly SetOption[],
  { requestRate, burstiness }: Readonly<Record<string, unknown>>,
  file: unknown,
): SetOption[] {
  const path = 'workload.arrivals';
  if (isWritten(sets, file, path)) return [];
  if (burstiness !== undefined) return [{ path, value: 'gamma', flag: '--burstiness' }];
  if (requestRate !== undefined) return [{ path, value: 'poisson', flag: '--request-rate' }];
  return [];
}

/** Whether the user wrote a key, in the file or by `--set`, alone or with its section. */
export function isWritten(sets: readonly SetOption[], file: unknown, path: string): boolean {
  if (valueAtPath(file, path) !== undefined) return true;
  return sets.some(
    (set) =>
      set.path === path ||
      (path.startsWith(`${set.path}.`) &&
        valueAtPath(set.value, path.slice(set.path.length + 1)) !== undefined),
  );
}

function saidTwice(name: string, path: string): InputError {
  return new InputError('usage', `said twice: --${name} and --set ${path}=…`, {
    path,
    remedy: 'leave one of them out',
  });
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
