interface Prompt {
  readonly request: number;
  readonly tokens: number;
  readonly durationNs: number | undefined;
}

/** Prompts of one target that shrink as time passes, as a plain list, oldest first. */
export class NaivePrefill {
  #prompts: Prompt[] = [];
  #oldestBeganNs = 0;

  add(request: number, tokens: number, durationNs: number | undefined, nowNs: number): void {
    if (tokens === 0) return;
    if (this.#prompts.length === 0) this.#oldestBeganNs = nowNs;
    this.#prompts.push({ request, tokens, durationNs });
  }

  remove(request: number, nowNs: number): void {
    const place = this.#prompts.findIndex((prompt) => prompt.request === request);
    if (place < 0) return;
    const [gone] = this.#prompts.splice(place, 1);
    if (place === 0) this.#oldestBeganNs = nowNs;
    else if (gone!.durationNs !== undefined) {
      this.#oldestBeganNs = Math.min(nowNs, this.#oldestBeganNs + gone!.durationNs);
    }
  }

  tokensAt(nowNs: number): number {
    const all = this.#prompts.reduce((sum, { tokens }) => sum + tokens, 0);
    const oldest = this.#prompts[0];
    if (oldest?.durationNs === undefined) return all;
    const elapsed = nowNs - this.#oldestBeganNs;
    const done = elapsed / oldest.durationNs;
    if (this.#prompts.every(({ durationNs }) => durationNs !== undefined)) {
      return Math.max(0, all - Math.floor(oldest.tokens * done));
    }
    return all - oldest.tokens + Math.ceil(oldest.tokens * Math.max(0, 1 - done));
  }
}
