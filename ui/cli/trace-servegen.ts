import { stderr, stdout } from 'node:process';
import { InputError } from '#core/base/errors.ts';
import {
  generateServegen,
  type ServegenClient,
} from '#traces/generate/servegen/generate-servegen.ts';
import { readServegenClients } from '#traces/servegen-files.ts';
import { MooncakeWriter } from '#traces/transform/mooncake-writer.ts';
import { writeTraceFile, writeTraceLines } from '#traces/write-file.ts';
import { programName } from './repeat-command.ts';

const BLOCK_SIZE = 512;

/** Clients that a note names. */
const NAMED_CLIENTS = 12;

export interface ServegenFlags {
  readonly rates?: string;
  readonly lengths?: string;
  readonly from?: number;
  readonly to?: number;
  readonly requests?: number;
  readonly requestRate?: number;
  readonly seed: number;
  readonly output?: string | undefined;
  readonly force?: true;
}

/** Generates the requests of ServeGen's clients between two moments of their recording. */
export async function generateFromServegen(flags: ServegenFlags): Promise<void> {
  const { rates, lengths, from: fromS = 0, to: toS = fromS + 600, requests, seed } = flags;
  if (rates === undefined || lengths === undefined) {
    throw new InputError('usage', 'servegen needs the archives of rates and of lengths', {
      remedy:
        'give --rates client_rate_traces.tar.gz and --lengths m-small_length_distributions.tar.gz',
    });
  }
  if (toS <= fromS) {
    throw new InputError('usage', 'the span is empty', {
      path: '--to',
      received: toS,
      allowed: `seconds after --from ${fromS}`,
    });
  }
  const { clients, withoutLengths } = await readServegenClients(rates, lengths);
  const meanRate = meanRateOf(clients, fromS, toS);
  if (meanRate === 0) {
    throw new InputError('usage', 'no request was recorded in this span', {
      path: '--from',
      received: fromS,
      remedy: 'choose another span; ServeGen recorded two weeks (0 to 1,209,600 s)',
    });
  }
  const rateScale = (flags.requestRate ?? meanRate) / meanRate;
  let written = 0;
  const writer = new MooncakeWriter('kept');
  const lines = (function* (): Generator<string> {
    for (const batch of generateServegen(clients, { fromS, toS, requests, rateScale, seed })) {
      for (let row = 0; row < batch.count; row++, written++) {
        yield writer.line(batch, row, BLOCK_SIZE, rates);
      }
    }
  })();
  if (flags.output === undefined) await writeTraceLines(lines, stdout);
  else await writeTraceFile(flags.output, lines, flags.force === true);
  const lostRate = meanRateOf(withoutLengths, fromS, toS);
  if (withoutLengths.length > 0) tellLost(withoutLengths, lostRate, meanRate + lostRate);
  const next = flags.output === undefined ? '' : `; ${programName()} trace inspect ${flags.output}`;
  const of = lostRate > 0 ? 'of these' : 'of all';
  const recorded = `${meanRate.toFixed(2)} requests/s recorded ${of}`;
  const count = written.toLocaleString('en-US');
  stderr.write(`wrote ${count} requests of ${clients.length} clients (${recorded})${next}\n`);
}

/** Says whose traffic is missing, and how much of what was recorded that is. */
function tellLost(lost: readonly ServegenClient[], rate: number, ofRate: number): void {
  const named = lost.slice(0, NAMED_CLIENTS).map(({ name }) => name);
  const names = lost.length > NAMED_CLIENTS ? [...named, '…'].join(', ') : named.join(', ');
  const share = `${((100 * rate) / ofRate).toFixed(1)} % of the requests recorded in this span`;
  const rates = `${rate.toFixed(2)} of ${ofRate.toFixed(2)} requests/s`;
  stderr.write(`note: left out, for want of lengths: ${share} (${rates}), those of ${names}\n`);
}

/** Requests per second over all clients in a span, as recorded. */
function meanRateOf(clients: readonly ServegenClient[], fromS: number, toS: number): number {
  let requests = 0;
  for (const { rates } of clients) {
    for (const { startS, durationS, ratePerS } of rates) {
      const seconds = Math.min(toS, startS + durationS) - Math.max(fromS, startS);
      if (seconds > 0) requests += seconds * ratePerS;
    }
  }
  return requests / (toS - fromS);
}
