import { env, stdout } from 'node:process';
import type { Command } from 'commander';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import type { ServeStatus } from '#live/routing/serve-status.ts';
import { formatOption } from '../format-option.ts';
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
    .addOption(formatOption())
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

/** What the router says of itself, as the text of a JSON object. */
async function ask(url: string): Promise<string> {
  const key = env.WINDTUNNEL_CONTROL_KEY;
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await get(pageOf(url), headers).catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (answer.status === 200 && isStatus(answer.text)) return answer.text;
  const remedy =
    answer.status === 401
      ? 'put a key of auth.control_keys into WINDTUNNEL_CONTROL_KEY'
      : 'name the URL that windtunnel serve has printed';
  const problem = `no router of Windtunnel answers there (HTTP ${answer.status})`;
  throw new InputError('usage', problem, { path: '--url', received: url, remedy });
}

async function get(
  page: URL,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  // Unlike fetch it asks any port, and says why nobody answers.
  const { request } = await import('undici');
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { statusCode, body } = await request(page, { headers, signal });
  return { status: statusCode, text: await body.text() };
}

function isStatus(text: string): boolean {
  try {
    return Array.isArray((JSON.parse(text) as { engines?: unknown }).engines);
  } catch {
    return false;
  }
}

function pageOf(url: string): URL {
  const isHttp = /^https?:\/\//i.test(url) && URL.canParse('/status', url);
  if (isHttp) return new URL('/status', url);
  throw new InputError('usage', 'not a URL', {
    path: '--url',
    received: url,
    allowed: 'http://HOST:PORT or https://HOST:PORT',
  });
}

function unreachable(url: string, error: unknown): WindtunnelError {
  const { code, message, name } = error as NodeJS.ErrnoException;
  const isLate = name === 'TimeoutError';
  const why = isLate ? `within ${TIMEOUT_MS / 1000} s` : `(${code ?? message})`;
  const text = `${url}: nobody answers ${why}; is it running?`;
  return new WindtunnelError('service_unreachable', text, { url });
}
