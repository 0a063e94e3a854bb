import type { Registry } from 'prom-client';
import type { JournalFileStatus } from '#live/journal/journal-status.ts';
import { openScrapedGauge } from './scraped-gauge.ts';

/** Where the numbers are that a scrape asks for. */
export interface JournalSources {
  /** Undefined where no journal is kept. */
  readonly journal?: () => readonly JournalFileStatus[];
}

const NUMBERS: readonly (readonly [
  name: string,
  help: string,
  value: (file: JournalFileStatus) => number,
])[] = [
  ['written_bytes', 'Bytes that the disk has taken', ({ written_bytes }) => written_bytes],
  ['waiting_bytes', 'Bytes that wait for the disk', ({ waiting_bytes }) => waiting_bytes],
  [
    'failed',
    '1 = the journal has ended before the router, whose log says why',
    ({ fault }) => (fault === null ? 0 : 1),
  ],
];

/** How the journal of each pool fares. */
export function openJournalMetrics(registry: Registry, { journal }: JournalSources): void {
  if (journal === undefined) return;
  for (const [name, help, value] of NUMBERS) {
    openScrapedGauge(registry, `windtunnel_journal_${name}`, help, ['pool'], (set) => {
      for (const file of journal()) set({ pool: file.pool }, value(file));
    });
  }
}
