import { InputError } from '#core/base/errors.ts';

/** A file inside a tar archive. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const REGULAR: ReadonlySet<string> = new Set(['', '0', '\0']);

/**
 * The regular files of a tar archive (POSIX ustar). Names of more than 255 bytes, which other kinds of
 * entry carry, are not read.
 *
 * @throws InputError when the bytes are not such an archive, or end too early
 */
export function tarEntries(bytes: Uint8Array, file: string): TarEntry[] {
  const entries: TarEntry[] = [];
  let at = 0;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = Number.parseInt(text(header, 124, 12), 8);
    const start = at + BLOCK;
    if (text(header, 257, 5) !== 'ustar' || Number.isNaN(size) || start + size > bytes.length) {
      throw new InputError('trace_invalid', 'not a whole tar archive', {
        file,
        received: `${entries.length} files, then what is none`,
        remedy: 'give the archive as ServeGen publishes it (.tar or .tar.gz)',
      });
    }
    const prefix = text(header, 345, 155);
    const name = text(header, 0, 100);
    if (REGULAR.has(text(header, 156, 1))) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      entries.push({ name: path, bytes: bytes.subarray(start, start + size) });
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}
