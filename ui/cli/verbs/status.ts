import { env, stdout } from 'node:process';
import { type Command, Option } from 'commander';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { type ShownStatus, statusLines } from '../views/status-lines.ts';

const EXAMPLES = `
Examples:
  $ windtunnel status
  $ windtunnel status --url http://router.internal:8000 --format json | jq .hit_rate
  $ watch -n 1 windtunnel status

A router with auth.control_keys asks for a key: put it into WINDTUNNEL_CONTROL_KEY.`;

/** How long a router may take to say how it is. */
const TIMEOUT_MS = 5_000;

interface StatusFlags {
  readonly url: string;
  readonly format: 'table' | 'json';
}

/** `windtunnel status`: what a live router knows of its engines, its queue and its books. */
export function register(program: Command): void {
  program
    .command('status')
    .description('show what a live router is doing: engines, queue, books, hit rate')
    .option('--url <url>', 'where it serves', 'http://127.0.0.1:8000')
    .addOption(
      new Option('--format <format>', 'form of the result')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', EXAMPLES)
    .action(status);
}

async function status({ url, format }: StatusFlags): Promise<void> {
  const text = await ask(url);
  if (format === 'json') {
    stdout.write(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
    return;
  }
  const shown = JSON.parse(text) as ServeStatus & ShownStatus;
  stdout.write(`${statusLines(url, shown).join('\n')}\n`);
}

async function ask(url: string): Promise<string> {
  const key = env.WINDTUNNEL_CONTROL_KEY;
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const page = pageOf(url);
  const answer = await fetch(page, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (error: unknown) => {
      throw unreachable(url, error);
    },
  );
  const text = await answer.text();
  if (answer.ok && text.includes('"engines"')) return text;
  const remedy =
    answer.status === 401 ? 'put a key of auth.control_keys into WINDTUNNEL_CONTROL_KEY' : '';
  throw new InputError('usage', `no router of Windtunnel answers there (HTTP ${answer.status})`, {
    path: '--url',
    received: url,
    remedy: remedy || 'name the URL that windtunnel serve has printed',
  });
}

function pageOf(url: string): URL {
  try {
    return new URL('/status', url);
  } catch {
    throw new InputError('usage', 'not a URL', {
      path: '--url',
      received: url,
      allowed: 'http://HOST:PORT or https://HOST:PORT',
    });
  }
}

function unreachable(url: string, error: unknown): WindtunnelError {
  const { cause } = error as { cause?: { code?: string } };
  const why = cause?.code ?? (error instanceof Error ? error.message : String(error));
  return new WindtunnelError(
    'service_unreachable',
    `${url}: nobody answers (${why}); is it running?`,
    {
      url,
    },
  );
}
