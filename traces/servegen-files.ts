import { InputError } from '#core/base/errors.ts';
import { readBytes, visitLines } from './files.ts';
import { LineSplitter } from './formats/lines.ts';
import { type LengthWindow, parseLengths } from './formats/servegen/lengths.ts';
import { type RateWindow, RateWindowReader } from './formats/servegen/rate-windows.ts';
import { type TarEntry, tarEntries } from './formats/servegen/tar.ts';
import type { ServegenClient } from './generate/servegen/generate-servegen.ts';

/**
 * The recorded rates of a file, plain or gzip: a total over clients (with its header) or one client of
 * ServeGen. Windows are in order of time, at least two.
 *
 * @throws InputError with file, line, cell and what is allowed when the file is not such a recording
 */
export async function readRateWindows(path: string): Promise<RateWindow[]> {
  const reader = new RateWindowReader(path);
  await visitLines(path, (text, line) => reader.readLine(text, line));
  return reader.windows();
}

const RATE_FILE = /^(?:.*\/)?(chunk-\d+)-trace\.csv$/;
const LENGTH_FILE = /^(?:.*\/)?(chunk-\d+)-dataset\.json$/;

/** The clients of two archives of ServeGen, and those that have rates but no lengths. */
export interface ServegenClients {
  readonly clients: readonly ServegenClient[];
  readonly withoutLengths: readonly ServegenClient[];
}

/**
 * The clients that both archives (tar, plain or gzip) know: rates from `chunk-N-trace.csv`, lengths
 * from `chunk-N-dataset.json` of one folder, such as language/m-small. Both archives are held whole.
 *
 * @throws InputError for archives and files that cannot be read, and when no client is left
 */
export async function readServegenClients(
  ratesPath: string,
  lengthsPath: string,
): Promise<ServegenClients> {
  const lengths = new Map<string, LengthWindow[]>();
  let folder = '';
  for (const { name, bytes } of tarEntries(await readBytes(lengthsPath), lengthsPath)) {
    if (!LENGTH_FILE.test(name)) continue;
    // The rates of all models share one archive: those of the same folder are meant.
    folder = name.slice(0, name.lastIndexOf('/') + 1);
    const windows = parseLengths(new TextDecoder().decode(bytes), `${lengthsPath}/${name}`);
    lengths.set(name.replace(LENGTH_FILE, '$1'), windows);
  }
  const clients: ServegenClient[] = [];
  const withoutLengths: ServegenClient[] = [];
  for (const entry of tarEntries(await readBytes(ratesPath), ratesPath)) {
    if (!RATE_FILE.test(entry.name) || !entry.name.startsWith(folder)) continue;
    const name = entry.name.replace(RATE_FILE, '$1');
    const own = lengths.get(name) ?? [];
    const known = own.length === 0 ? withoutLengths : clients;
    known.push({ name, rates: ratesOf(entry, ratesPath), lengths: own });
  }
  if (clients.length > 0) return { clients, withoutLengths };
  throw new InputError('trace_invalid', 'no client has both rates and lengths', {
    file: ratesPath,
    received: `${withoutLengths.length} clients with rates in ${folder === '' ? 'the archive' : folder}`,
    remedy: `give archives of the same model; ${lengthsPath} has lengths of ${lengths.size} clients`,
  });
}

function ratesOf({ name, bytes }: TarEntry, archive: string): RateWindow[] {
  const reader = new RateWindowReader(`${archive}/${name}`);
  const splitter = new LineSplitter(`${archive}/${name}`, (text, line) =>
    reader.readLine(text, line),
  );
  splitter.push(bytes);
  splitter.end();
  return reader.windows();
}
