import type { Ns } from '#core/base/time.ts';
import type { EngineListener } from './engine-listener.ts';

type BlockEvent =
  | readonly ['stored', parent: number, contents: readonly number[]]
  | readonly ['removed', contents: readonly number[]];

/** Writes down what an engine tells, by the names that the caller has for its requests. */
export class Recorder implements EngineListener {
  /** By name: first token, last token, 0. */
  readonly lives = new Map<number, [firstNs: Ns, lastNs: Ns, cached: number]>();
  readonly blockEvents: BlockEvent[] = [];
  /** Numbers of requests under way. */
  open: number[] = [];
  /** Contents that the engine may still know. */
  readonly contents = new Set<number>();
  readonly #names = new Map<number, number>();
  readonly #left = new Set<number>();
  /** Asked at the first token; set by whoever wants to know. */
  cachedTokens: (request: number) => number = () => 0;

  opened(request: number, name: number, blocks: Iterable<number> = []): void {
    this.#names.set(request, name);
    this.open.push(request);
    for (const block of blocks) this.contents.add(block);
  }

  /** Those of the requests under way whose clients are there. */
  get staying(): readonly number[] {
    return this.open.filter((request) => !this.#left.has(request));
  }

  leaves(request: number): void {
    this.#left.add(request);
  }

  tokens(request: number, _tokens: number, atNs: Ns): void {
    if (this.#left.has(request)) throw new Error('a token for a client that had left');
    const name = this.#names.get(request)!;
    const life = this.lives.get(name);
    if (life === undefined) this.lives.set(name, [atNs, atNs, this.cachedTokens(request)]);
    else life[1] = atNs;
  }

  completed(request: number): void {
    this.#over(request);
  }

  rejected(request: number): void {
    this.#over(request);
  }

  dropped(request: number): void {
    if (!this.#left.has(request)) throw new Error('dropped a request that had not left');
    this.#over(request);
  }

  held(): void {}

  released(request: number): void {
    this.#over(request);
  }

  reserved(): void {}

  stored(_rank: number, parent: number, contents: readonly number[]): void {
    this.blockEvents.push(['stored', parent, contents]);
  }

  removed(_rank: number, contents: readonly number[]): void {
    this.blockEvents.push(['removed', contents]);
  }

  blocksTold(): void {}

  forgotten(content: number): void {
    this.contents.delete(content);
  }

  #over(request: number): void {
    if (!this.open.includes(request)) throw new Error('a request is over twice');
    this.open = this.open.filter((one) => one !== request);
    this.#names.delete(request);
    this.#left.delete(request);
  }
}
