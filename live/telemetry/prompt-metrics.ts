import { Counter, type Registry } from 'prom-client';
import type { PromptCounts } from '#live/tokens/prompt-counts.ts';

/** Where the numbers are that a scrape asks for. */
export interface PromptSources {
  readonly prompts?: () => PromptCounts;
}

/** Who has known the blocks of prompts. */
export function openPromptMetrics(registry: Registry, { prompts }: PromptSources): void {
  if (prompts === undefined) return;
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
