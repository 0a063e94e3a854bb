/** What a row asks of its prompt: an answer, an embedding, or the logits of its last token. */
export const TRACE_TASKS = ['generate', 'embed', 'prefill_only'] as const;

export type TraceTask = (typeof TRACE_TASKS)[number];

/** What a row says of the client behind it, beyond that it waits for all of an answer. */
export interface TraceClient {
  readonly task?: TraceTask;
  /** It leaves so long after the arrival, milliseconds. */
  readonly cancelAfterMs?: number;
  /** It leaves with this output token, from 1. */
  readonly cancelAfterTokens?: number;
  /** How long it waits for the first token, and for the whole answer, milliseconds. */
  readonly firstTokenTimeoutMs?: number;
  readonly timeoutMs?: number;
}

/** The keys of a row that speak of its client, by the field that they fill. */
export const CLIENT_KEYS = {
  task: 'task',
  cancelAfterMs: 'cancel_after_ms',
  cancelAfterTokens: 'cancel_after_tokens',
  firstTokenTimeoutMs: 'ttft_timeout_ms',
  timeoutMs: 'timeout_ms',
} as const satisfies Record<keyof TraceClient, string>;

/** The keys of a row that say the same as `client`, for whoever writes rows. */
export function clientRow(client: TraceClient): Readonly<Record<string, unknown>> {
  const names: Readonly<Record<string, string>> = CLIENT_KEYS;
  const said = Object.entries(client).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([field, value]) => [names[field], value]));
}
