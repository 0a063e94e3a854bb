import { Counter, Gauge, type Registry } from 'prom-client';
import type { TokenizerStatus } from '#live/tokens/local/tokenizer-pool.ts';
import type { PromptCounts } from '#live/tokens/prompt-counts.ts';

/** Where the numbers are that a scrape asks for. */
export interface PromptSources {
  readonly prompts?: () => PromptCounts;
  /** Undefined where there is no tokenizer of its own. */
  readonly tokenizer?: () => TokenizerStatus | undefined;
}

/** Who has known the blocks of prompts, and how a tokenizer of the router's own fares. */
export function openPromptMetrics(registry: Registry, sources: PromptSources): void {
  const { prompts, tokenizer } = sources;
  if (prompts !== undefined) openSourceCounter(registry, prompts);
  if (tokenizer?.() !== undefined) openTokenizerMetrics(registry, tokenizer);
}

function openSourceCounter(registry: Registry, prompts: () => PromptCounts): void {
  new Counter({
    name: 'windtunnel_prompt_source_total',
    help: 'Prompts by who has known their blocks; those known by their text match no KV event',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [source, count] of Object.entries(prompts())) this.inc({ source }, count);
    },
  });
}

const TOKENIZER: readonly (readonly [keyof TokenizerStatus, string])[] = [
  ['threads', 'Threads that turn text into tokens'],
  ['replaced', 'Threads that died or hung, and were replaced, since the start'],
  ['late', 'Prompts that took too long and were routed by their text, since the start'],
];

function openTokenizerMetrics(
  registry: Registry,
  tokenizer: () => TokenizerStatus | undefined,
): void {
  for (const [key, help] of TOKENIZER) {
    new Gauge({
      name: `windtunnel_tokenizer_${key}`,
      help,
      registers: [registry],
      collect() {
        const status = tokenizer();
        if (status !== undefined) this.set(status[key]);
      },
    });
  }
}
