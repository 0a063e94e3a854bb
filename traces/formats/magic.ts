import { InputError } from '#core/base/errors.ts';

/** First bytes of files that are offered as traces by mistake. */
const FOREIGN: readonly (readonly [kind: string, bytes: readonly number[]])[] = [
  ['a gzip file inside a gzip file', [0x1f, 0x8b]],
  ['a zstd file', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['a zip file', [0x50, 0x4b, 0x03, 0x04]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
];
const LOOKED_AT = 4_096;

/** Where the header of a tar archive says what it is (POSIX). */
const TAR_MAGIC_AT = 257;
const TAR_MAGIC = 'ustar';

/** Throws an InputError when the first bytes of a file are not those of UTF-8 text. */
export function refuseForeignBytes(bytes: Uint8Array, file: string): void {
  if (isTar(bytes)) throw tarRefusal(file);
  const foreign = FOREIGN.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte));
  const binary = foreign?.[0] ?? (bytes.subarray(0, LOOKED_AT).includes(0) ? 'binary' : undefined);
  if (binary === undefined) return;
  throw new InputError('trace_unreadable', `the file is ${binary}, not a trace`, {
    file,
    remedy: 'give JSON Lines or CSV as UTF-8 text, plain or compressed once with gzip',
  });
}

function isTar(bytes: Uint8Array): boolean {
  const magic = bytes.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + TAR_MAGIC.length);
  return String.fromCharCode(...magic) === TAR_MAGIC;
}

/** The archives that people have are those of ServeGen, of which traces can be made. */
function tarRefusal(file: string): InputError {
  return new InputError('trace_unreadable', 'the file is a tar archive, not a trace', {
    file,
    remedy:
      "unpack it; of ServeGen's archives of rates and lengths `trace generate servegen --rates … --lengths …` makes a trace",
  });
}
