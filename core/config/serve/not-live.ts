import type { RouterConfig } from '../schema.ts';

/** A key of the router that means nothing in front of real engines. */
interface NotLive {
  readonly key: keyof RouterConfig;
  /** The key may have such values. */
  readonly allows: (value: unknown) => boolean;
  readonly why: string;
}

const never = (): boolean => false;
const REAL_EVENTS = 'the KV events of real engines come as they come';

export const NOT_LIVE: readonly NotLive[] = [
  { key: 'kv_event_lag_ms', allows: never, why: REAL_EVENTS },
  { key: 'kv_event_loss_ratio', allows: never, why: REAL_EVENTS },
  { key: 'kv_event_duplicate_ratio', allows: never, why: REAL_EVENTS },
  {
    key: 'router_prefill_load_model',
    allows: (value) => value === 'none',
    why: 'nobody has told the router how long real engines take for a prompt',
  },
];
