import { Unpackr } from 'msgpackr';
import { DecodeError } from './decode-error.ts';

/** Maps become objects, and integers beyond 32 bits BigInts, so that no hash is rounded. */
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' });

/** The one value of a msgpack text. Whatever else the bytes are is refused with a `DecodeError`. */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch (error) {
    throw new DecodeError(
      `no msgpack: ${error instanceof Error ? error.message : String(error)}`,
      bytes,
    );
  }
}
