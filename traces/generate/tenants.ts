import type { Lognormal } from './sampling.ts';

/** One kind of user of the cluster. A trace is made of one or more tenants. */
export interface Tenant {
  readonly name: string;
  /** Part of the trace's request rate, relative to the other tenants. */
  readonly share: number;
  /** How many system prompts there are, and how long; the first are the most popular (Zipf). */
  readonly systemPrompts: number;
  readonly systemTokens: Lognormal;
  /** Mean turns of a session, geometric. */
  readonly meanTurns: number;
  /** What the user writes in the first and in each later turn. */
  readonly firstInputTokens: Lognormal;
  readonly laterInputTokens: Lognormal;
  readonly outputTokens: Lognormal;
  /** From the end of a turn to the next: think time, or the time that a tool takes. */
  readonly delayMs: Lognormal;
  /** A session ends before its prompt grows beyond this. */
  readonly maxPromptTokens: number;
}

/** Single questions over a handful of long shared instructions. */
const QUESTIONS: Tenant = {
  name: 'questions',
  share: 1,
  systemPrompts: 12,
  systemTokens: { median: 2_500, sigma: 0.5, min: 600, max: 8_000 },
  meanTurns: 1,
  firstInputTokens: { median: 180, sigma: 0.9, min: 8, max: 4_000 },
  laterInputTokens: { median: 180, sigma: 0.9, min: 8, max: 4_000 },
  outputTokens: { median: 140, sigma: 0.8, min: 1, max: 1_500 },
  delayMs: { median: 1, sigma: 0, min: 1, max: 1 },
  maxPromptTokens: 16_000,
};

/** People in conversation: the prompt grows by what was said and answered. */
const CHAT: Tenant = {
  name: 'chat',
  share: 1,
  systemPrompts: 6,
  systemTokens: { median: 1_200, sigma: 0.6, min: 200, max: 4_000 },
  meanTurns: 5,
  firstInputTokens: { median: 350, sigma: 1.2, min: 5, max: 12_000 },
  laterInputTokens: { median: 120, sigma: 1.1, min: 3, max: 6_000 },
  outputTokens: { median: 260, sigma: 0.7, min: 5, max: 2_000 },
  delayMs: { median: 14_000, sigma: 0.9, min: 1_000, max: 180_000 },
  maxPromptTokens: 32_000,
};

/** Agent loops: many short turns over long instructions, with a tool's wait in between. */
const AGENTS: Tenant = {
  name: 'agents',
  share: 1,
  systemPrompts: 4,
  systemTokens: { median: 7_000, sigma: 0.35, min: 3_000, max: 14_000 },
  meanTurns: 12,
  firstInputTokens: { median: 900, sigma: 0.8, min: 60, max: 8_000 },
  laterInputTokens: { median: 450, sigma: 1.1, min: 20, max: 10_000 },
  outputTokens: { median: 110, sigma: 0.7, min: 8, max: 1_500 },
  delayMs: { median: 1_500, sigma: 1.0, min: 50, max: 60_000 },
  maxPromptTokens: 64_000,
};

/** The workloads that `trace generate` offers, by name. */
export const WORKLOADS = {
  questions: [QUESTIONS],
  chat: [CHAT],
  agents: [AGENTS],
  mixed: [
    { ...QUESTIONS, share: 0.35 },
    { ...CHAT, share: 0.4 },
    { ...AGENTS, share: 0.25 },
  ],
} as const satisfies Record<string, readonly Tenant[]>;

export type WorkloadName = keyof typeof WORKLOADS;

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];
