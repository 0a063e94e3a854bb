import type { MessagePort } from 'node:worker_threads';
import { NS_PER_S, type Ns } from '#core/base/time.ts';
import { HelperThread } from '#live/helper-thread.ts';
import type { Clock } from '../clock.ts';
import type { Advice, AdvisedPolicy, AdviseTask } from './advice.ts';
import type { AdviceStatus } from './shadow-status.ts';

/** Who flies other policies, and in which thread. */
export interface AdviseSetup {
  /** The thread's file; it loads policies of users, which is up to whoever starts the router. */
  readonly thread: URL;
  /** The current policy first. */
  readonly policies: readonly AdvisedPolicy[];
}

export interface AdvisorTools {
  readonly clock: Clock;
  /** What whoever runs the router should know: a line each. */
  readonly note: (text: string) => void;
}

/** Flies other policies over what arrives, in a thread of its own, and keeps what came out last. */
export class Advisor {
  readonly #thread: HelperThread;
  readonly #policies: readonly string[];
  #state: AdviceStatus['state'] = 'flying';
  #flown = 0;
  #latest: Advice | null = null;
  #latestNs: Ns = 0;
  readonly #clock: Clock;

  /** `arrivals`: where the thread gets them from. */
  constructor(
    { thread, policies }: AdviseSetup,
    arrivals: MessagePort,
    { clock, note }: AdvisorTools,
  ) {
    this.#clock = clock;
    this.#policies = policies.map(({ name }) => name);
    this.#thread = new HelperThread({
      file: thread,
      data: { policies, arrivals } satisfies AdviseTask,
      transfer: [arrivals],
      message: (advice) => {
        this.#flown++;
        this.#latest = advice as Advice;
        this.#latestNs = clock.nowNs();
      },
      died: (reason) => {
        this.#state = 'dead';
        note(`shadow: no other policies are flown any more: ${reason}`);
      },
    });
    this.#thread.unref();
  }

  status(): AdviceStatus {
    return {
      state: this.#state,
      policies: this.#policies,
      flown: this.#flown,
      latest: this.#latest,
      age_s: this.#latest === null ? null : (this.#clock.nowNs() - this.#latestNs) / NS_PER_S,
    };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
