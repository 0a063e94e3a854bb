import { InputError } from '#core/base/errors.ts';
import { MooncakeWriter } from '#traces/transform/mooncake-writer.ts';
import { readJournalChunks } from './journal-source.ts';
import type { JournalTrace } from './journal-trace.ts';

/**
 * The requests of the journal in a file as lines of a Mooncake trace. Throws `journal_invalid` where
 * none arrives.
 */
export async function* journalTraceLines(
  file: string,
  trace: JournalTrace,
): AsyncGenerator<string> {
  const writer = new MooncakeWriter('kept');
  let requests = 0;
  for await (const chunk of readJournalChunks(file, () => trace.reader.line)) {
    const batch = trace.read(chunk);
    requests += batch.count;
    for (let row = 0; row < batch.count; row++)
      yield writer.line(batch, row, trace.blockSize, file);
  }
  const rest = trace.rest();
  trace.reader.finish();
  if (requests + rest.count === 0) {
    throw new InputError('journal_invalid', 'no request arrives in the journal', { file });
  }
  for (let row = 0; row < rest.count; row++) yield writer.line(rest, row, trace.blockSize, file);
}
