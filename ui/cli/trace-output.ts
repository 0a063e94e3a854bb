import { Option } from 'commander';
import { InputError } from '#core/base/errors.ts';

/** Endings that promise what is not written here. */
const OTHER_FORMAT = /\.(parquet|csv|tsv|arrow|feather|ya?ml|zip|tar|tgz|zst|xz|bz2)(?:\.gz)?$/i;

/** The file that a trace goes to, or undefined for standard output, which `-` stands for. */
export function outputFile(output: string | undefined): string | undefined {
  return output === '-' ? undefined : output;
}

/**
 * Takes the name of an output. One that promises another format is refused: whoever opens the file
 * later would be misled.
 */
export function parseOutput(text: string): string {
  const ending = OTHER_FORMAT.exec(text)?.[0];
  if (ending === undefined) return text;
  throw new InputError('usage', 'the name promises another format than is written', {
    file: text,
    received: ending,
    allowed: '.jsonl or .jsonl.gz (a fit: .json), or - for standard output',
    remedy: 'only JSON Lines are written; name the file so',
  });
}

/** `-o FILE`: where a trace goes. */
export function outputOption(): Option {
  return new Option(
    '-o, --output <file>',
    'write to a file, gzip by .gz; - or without it to stdout',
  ).argParser(parseOutput);
}
