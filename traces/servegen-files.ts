import { visitLines } from './files.ts';
import { type RateWindow, RateWindowReader } from './formats/servegen/rate-windows.ts';

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
