import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthKey } from '#core/config/serve/auth.ts';
import { HttpFailure } from './http-failure.ts';

/** The keys of a gate: only their hashes are known. */
export class KeyCheck {
  readonly #keys: readonly { readonly name: string; readonly hash: Buffer }[];

  constructor(keys: readonly AuthKey[]) {
    this.#keys = keys.map(({ name, sha256 }) => ({ name, hash: Buffer.from(sha256, 'hex') }));
  }

  /** Whether anybody may pass. */
  get isOpen(): boolean {
    return this.#keys.length === 0;
  }

  /**
   * Whose key an `Authorization` header brings; undefined at an open gate. Every key is compared
   * with, in constant time. Throws the 401 that a wrong key or none is answered with.
   */
  admit(authorization: string | undefined): string | undefined {
    if (this.isOpen) return undefined;
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const hash = createHash('sha256')
      .update(key ?? '')
      .digest();
    let owner: string | undefined;
    for (const known of this.#keys) {
      if (timingSafeEqual(hash, known.hash)) owner = known.name;
    }
    if (key !== undefined && owner !== undefined) return owner;
    const message =
      key === undefined
        ? 'no API key: send Authorization: Bearer KEY'
        : 'the API key is not known here';
    throw new HttpFailure(401, message, { headers: { 'www-authenticate': 'Bearer' } });
  }
}
