import type { RandomStream } from '#core/base/random.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';

export type TenantSettings = NonNullable<WorkloadConfig['tenants']>[number];

/**
 * Gives requests that the trace names no tenant for a tenant, drawn by shares: each session as a
 * whole, each request without a session by itself.
 */
export class TenantMix {
  readonly #byName: ReadonlyMap<string, TenantSettings>;
  readonly #drawn: readonly TenantSettings[];
  readonly #shares: number;
  readonly #stream: RandomStream;
  readonly #ofSession = new Map<string, string | undefined>();

  constructor(tenants: readonly TenantSettings[], stream: RandomStream) {
    this.#byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
    this.#drawn = tenants.filter(({ share }) => share !== undefined);
    this.#shares = this.#drawn.reduce((sum, { share }) => sum + (share ?? 0), 0);
    this.#stream = stream;
  }

  /** The tenant of a request that names none; undefined when no tenant has a share. */
  tenantOf(sessionId: string | undefined): string | undefined {
    if (sessionId === undefined) return this.#draw();
    if (this.#ofSession.has(sessionId)) return this.#ofSession.get(sessionId);
    const name = this.#draw();
    this.#ofSession.set(sessionId, name);
    return name;
  }

  /** What is set for a tenant, by its name. */
  settingsOf(name: string | undefined): TenantSettings | undefined {
    return name === undefined ? undefined : this.#byName.get(name);
  }

  #draw(): string | undefined {
    let left = this.#stream.nextFloat() * this.#shares;
    for (const { name, share = 0 } of this.#drawn) {
      left -= share;
      if (left < 0) return name;
    }
    return this.#drawn.at(-1)?.name;
  }
}
