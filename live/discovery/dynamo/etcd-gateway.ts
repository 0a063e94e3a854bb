import { request } from 'undici';

/** etcd answers small questions at once; a watch has no end. */
const TIMEOUT_MS = 5_000;

export interface EtcdEntry {
  readonly key: string;
  /** Absent where the key was deleted. */
  readonly value?: string;
}

interface WireEvent {
  readonly type?: 'DELETE';
  readonly kv: { readonly key: string; readonly value?: string };
}

interface WireWatch {
  readonly result?: {
    readonly canceled?: boolean;
    readonly cancel_reason?: string;
    readonly events?: readonly WireEvent[];
  };
  readonly error?: { readonly message?: string };
}

/**
 * etcd 3.4 and later over its JSON gateway: keys and values in base64, 64-bit numbers as texts. Two
 * calls are all that a reader of discovery needs.
 */
export class EtcdGateway {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /** All keys that begin so, and the revision at which they stood. Rejects where etcd does not say. */
  async range(
    prefix: string,
    signal: AbortSignal,
  ): Promise<{ readonly revision: bigint; readonly entries: readonly EtcdEntry[] }> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const { statusCode, body } = await this.#post('/v3/kv/range', rangeOf(prefix), limit);
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`etcd answers ${statusCode}: ${text.slice(0, 200)}`);
    const answer = JSON.parse(text) as {
      readonly header: { readonly revision: string };
      readonly kvs?: readonly WireEvent['kv'][];
    };
    const entries = (answer.kvs ?? []).map(({ key, value }) => ({
      ...{ key: fromBase64(key), value: fromBase64(value ?? '') },
    }));
    return { revision: BigInt(answer.header.revision), entries };
  }

  /** What changes from a revision on, in groups. Rejects when the stream ends for any reason. */
  async *watch(
    prefix: string,
    fromRevision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly EtcdEntry[]> {
    const create_request = { ...rangeOf(prefix), start_revision: String(fromRevision) };
    const { statusCode, body } = await this.#post('/v3/watch', { create_request }, signal);
    if (statusCode !== 200) throw new Error(`etcd answers ${statusCode} to a watch`);
    let rest = '';
    body.setEncoding('utf8');
    for await (const chunk of body as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entries = line.trim() === '' ? [] : entriesOf(JSON.parse(line) as WireWatch);
        if (entries.length > 0) yield entries;
      }
    }
    throw new Error('etcd has ended the watch');
  }

  #post(path: string, question: object, signal: AbortSignal) {
    return request(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
      signal,
      // Nothing may change for hours.
      bodyTimeout: 0,
      headersTimeout: TIMEOUT_MS,
    });
  }
}

function entriesOf({ result, error }: WireWatch): readonly EtcdEntry[] {
  if (error !== undefined) throw new Error(error.message ?? 'etcd refuses the watch');
  if (result?.canceled === true) throw new Error(result.cancel_reason ?? 'etcd cancels the watch');
  return (result?.events ?? []).map(({ type, kv }) => ({
    key: fromBase64(kv.key),
    ...(type !== 'DELETE' && { value: fromBase64(kv.value ?? '') }),
  }));
}

/** From the prefix up to the first key that is behind all that begin so. */
function rangeOf(prefix: string): { readonly key: string; readonly range_end: string } {
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return { key: Buffer.from(prefix).toString('base64'), range_end: end.toString('base64') };
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
