import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import { type Answered, askAboutDocuments, type PrefixLoad, sumOf } from '../prefix-load.ts';
import type { ForwardPasses } from './forward-passes.ts';
import { VLLM_BLOCK_SIZE, type VllmServer } from './vllm-server.ts';
import { compareTokens } from './vllm-tokens.ts';

const LEAST_PREDICTED = 0.99;
/** Of an answer that its client leaves; an engine that is not told computes them all. */
const LONG_ANSWER = 800;
const NAMES = ['a', 'b'];
/** Answers are short and prompts long, so that a prompt to compute weighs more than blocks in use. */
const TUNED: Readonly<Record<string, object>> = { kv_router: { prefill_load_scale: 4 } };

const LOAD: Omit<PrefixLoad, 'url' | 'seed'> = {
  // Together two servers hold all documents, one alone does not.
  ...{ requests: 120, documents: 8, documentTokens: 512, questionTokens: [5, 60] },
  ...{ outputTokens: 6, atOnce: 2, blockSize: VLLM_BLOCK_SIZE },
};

/** What was found, a line each; what is not as it should be begins with WRONG. */
export async function flyVllm(
  servers: readonly VllmServer[],
  model: string,
  passes: ForwardPasses | undefined,
): Promise<readonly string[]> {
  const flight = new Flight(servers);
  await flight.tokenize(model);
  await flight.takeTurns();
  await flight.route(passes);
  await flight.leave();
  await flight.restart();
  return flight.found;
}

class Flight {
  readonly found: string[] = [];
  readonly #servers: readonly VllmServer[];
  /** The part of prompt tokens that was cached where requests went in turns. */
  #reuseInTurns = 0;

  constructor(servers: readonly VllmServer[]) {
    this.#servers = servers;
  }

  /** Texts and chats, as the engine and we turn them into tokens. */
  async tokenize(model: string): Promise<void> {
    const { same, all } = await compareTokens(this.#servers[0]!.url, model);
    this.#say(same === all, `${same} of ${all} texts and chats have the tokens of our tokenizer`);
  }

  async takeTurns(): Promise<void> {
    await this.#behind('round_robin', async ({ url }) => {
      const sum = sumOf(await askAboutDocuments({ ...LOAD, url, seed: 1 }));
      this.#reuseInTurns = sum.reuse;
      this.#say(sum.complete === sum.requests, `in turns ${sum.complete} complete`);
    });
  }

  /** The same load, of other documents, by what the engines hold. */
  async route(passes: ForwardPasses | undefined): Promise<void> {
    await this.#behind('kv_router', async ({ url }) => {
      const before = await this.#promptTokens();
      const passedBefore = passes?.sum;
      const answered = await askAboutDocuments({ ...LOAD, url, seed: 2 });
      this.#judge(answered);
      const { reuse } = sumOf(answered);
      const [kv, turns] = [reuse, this.#reuseInTurns].map((part) => `${(100 * part).toFixed(1)} %`);
      this.#say(reuse > this.#reuseInTurns, `${kv} of prompt tokens reused, ${turns} in turns`);
      const asked = answered.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
      const told = (await this.#promptTokens()) - before;
      this.#say(told === asked, `vllm:prompt_tokens_total rose by ${told}, ${asked} were sent`);
      if (passes === undefined || passedBefore === undefined) return;
      const fresh = answered
        .filter(({ engine }) => engine === 'b')
        .reduce((sum, { promptTokens, cached }) => sum + promptTokens - cached, 0);
      // The last message comes after the answer.
      await setTimeout(500);
      const { passes: count, prefillTokens } = passes.sum;
      const prefilled = prefillTokens - passedBefore.prefillTokens;
      const text = `${count - passedBefore.passes} forward passes of b computed ${prefilled} prompt tokens, its answers say ${fresh}`;
      this.#say(prefilled === fresh, text);
    });
    const [, second] = this.#servers;
    const { block_size, num_gpu_blocks } = await second!.cacheConfig();
    this.#say(block_size === `${VLLM_BLOCK_SIZE}`, `${num_gpu_blocks} blocks of ${block_size}`);
  }

  /** A client that leaves a long answer. */
  async leave(): Promise<void> {
    await this.#behind('kv_router', async (router) => {
      const before = await this.#generated();
      const leaver = new AbortController();
      const answer = await fetch(`${router.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ model: 'tiny', prompt: [400, 401], max_tokens: LONG_ANSWER },
          ...{ ignore_eos: true, stream: true },
        }),
        signal: leaver.signal,
      });
      const reader = answer.body!.getReader();
      for (let piece = 0; piece < 4; piece++) await reader.read();
      const leftMs = performance.now();
      leaver.abort();
      await until('both engines are idle', async () => (await this.#running()) === 0);
      const idleMs = Math.round(performance.now() - leftMs);
      await until('the books are empty', async () => (await router.status()).books.requests === 0);
      const tokens = (await this.#generated()) - before;
      const text = `a client left: ${tokens} of ${LONG_ANSWER} tokens generated, idle ${idleMs} ms later`;
      this.#say(tokens < LONG_ANSWER / 2, text);
    });
  }

  /** One server is killed under load and comes back at its addresses. */
  async restart(): Promise<void> {
    const [, victim] = this.#servers;
    await this.#behind('kv_router', async (router) => {
      const { url } = router;
      const under = askAboutDocuments({ ...LOAD, url, seed: 3, atOnce: 4 });
      await setTimeout(1_500);
      await victim!.kill();
      const sum = sumOf(await under);
      const survived = `${sum.complete} of ${sum.requests} complete while b was killed`;
      this.#say(sum.complete === sum.requests, survived);
      await victim!.start();
      await until('the router has b again', async () => isWhole(await router.status()));
      const answered = await askAboutDocuments({ ...LOAD, url, seed: 4 });
      this.#judge(answered);
      const back = answered.filter(({ engine }) => engine === 'b').length;
      this.#say(back > 0, `b came back and answered ${back}`);
    });
  }

  /** All complete, and cached as predicted. */
  #judge(answered: readonly Answered[]): void {
    const { requests, complete, predicted } = sumOf(answered);
    this.#say(complete === requests, `by KV events ${complete} of ${requests} complete`);
    const isPredicted = predicted >= LEAST_PREDICTED * requests;
    this.#say(isPredicted, `cached tokens as predicted in ${predicted} of ${requests}`);
  }

  async #behind(mode: string, act: (router: ServeProcess) => Promise<void>): Promise<void> {
    const engines = this.#servers.map(({ url, kvEvents, kvReplay }, at) => ({
      ...{ name: NAMES[at], url, kv_events: kvEvents, kv_replay: kvReplay },
      // The publisher of vLLM connects where it is given an address.
      kv_events_mode: 'bind',
    }));
    const router = await ServeProcess.start({ engines, router: { mode, ...TUNED[mode] } });
    try {
      await until('the router knows what the engines hold', async () =>
        isWhole(await router.status()),
      );
      await act(router);
    } finally {
      await router.stop();
    }
  }

  #say(isSo: boolean, text: string): void {
    this.found.push(isSo ? text : `WRONG: ${text}`);
  }

  async #sum(name: string): Promise<number> {
    const each = await Promise.all(this.#servers.map((server) => server.metrics(name)));
    return each.reduce((sum, metrics) => sum + metrics[name]!, 0);
  }

  #promptTokens(): Promise<number> {
    return this.#sum('vllm:prompt_tokens_total');
  }

  #generated(): Promise<number> {
    return this.#sum('vllm:generation_tokens_total');
  }

  #running(): Promise<number> {
    return this.#sum('vllm:num_requests_running');
  }
}

/** Every engine can be sent to, and its events are complete. */
function isWhole(status: Awaited<ReturnType<ServeProcess['status']>>): boolean {
  const isUp = status.engines.every(({ ranks }) => ranks.every(({ available }) => available));
  return isUp && status.kv_events.every(({ state }) => state === 'exact');
}
