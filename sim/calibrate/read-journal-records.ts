import { InputError } from '#core/base/errors.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { BlockNames } from '#core/journal/block-names.ts';
import { DECISION_COLUMNS, QUERY_COLUMNS } from '#core/journal/fact-table.ts';
import { JOURNAL_KIND } from '#core/journal/header-lines.ts';
import { JournalEntry, JournalReader } from '#core/journal/journal-reader.ts';
import type { TextLine } from '#core/perf/calibration/step-evidence.ts';
import { ROUTED } from '#core/router/decisions.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

/** Whether a first line is that of a journal. */
export function isJournalHeader(first: unknown): boolean {
  return typeof first === 'object' && first !== null && 'kind' in first
    ? first.kind === JOURNAL_KIND
    : false;
}

/** What is known of a request that is under way. */
interface OpenRequest {
  readonly isl: number;
  readonly blocks: readonly number[];
  osl: number;
  target: number;
  routedNs: Ns;
  firstNs: Ns;
}

/** A request that has ended, and who has served it. */
interface ServedRequest {
  readonly target: number;
  readonly record: RequestRecord;
}

const UNKNOWN = -1;
const [REQUEST, TARGET, OUTCOME] = (['request', 'target', 'outcome'] as const).map((name) =>
  DECISION_COLUMNS.findIndex((column) => column.name === name),
) as [number, number, number];

/**
 * The requests of a journal, live or of the tunnel, as the router saw them served: from when it had
 * chosen a worker, to the end of prefill, to the end. A fit flies one worker, so that it is the requests
 * of the one that served most. Throws an InputError where the journal cannot be read, or is of one pool
 * of several, whose router sees no request whole.
 */
export function readJournalRecords(lines: readonly TextLine[], file: string): RecordedRun {
  const collector = new Collector(file);
  for (const { text } of lines) collector.push(text);
  const { header } = collector.reader;
  if (header.pool !== undefined) {
    throw new InputError(
      'evidence_invalid',
      'no router of one pool of several sees requests whole',
      {
        file,
        path: 'pool',
        received: header.pool,
        allowed: 'the journal of a run or a server without cluster.pools',
      },
    );
  }
  const ofTarget = mostlyServed(collector.served);
  return {
    name: file,
    file,
    records: ofTarget,
    closedLoop: false,
    server: { blockSize: header.router.blockSize },
    blockTokens: header.router.blockSize * header.unitBlocks,
  };
}

function mostlyServed(served: readonly ServedRequest[]): RequestRecord[] {
  const counts = new Map<number, number>();
  for (const { target } of served) counts.set(target, (counts.get(target) ?? 0) + 1);
  const [busiest] = [...counts].sort(([a, most], [b, more]) => more - most || a - b);
  const own = served.filter(({ target }) => target === busiest?.[0]).map(({ record }) => record);
  const firstMs = own.reduce((least, { sentMs }) => Math.min(least, sentMs), Infinity);
  return own.map((record) => ({ ...record, sentMs: record.sentMs - firstMs }));
}

/** Follows each request through the facts of a journal. */
class Collector {
  readonly reader: JournalReader;
  readonly served: ServedRequest[] = [];
  readonly #open = new Map<number, OpenRequest>();
  readonly #encoder = new TextEncoder();
  #names: BlockNames | undefined;
  /** What the line before an arrival says: its request, and how much it generates. */
  #noted = { request: UNKNOWN, osl: UNKNOWN };

  constructor(file: string) {
    this.reader = new JournalReader(file);
  }

  push(text: string): void {
    const { reader } = this;
    reader.push(this.#encoder.encode(`${text}\n`));
    for (let entry = reader.next(); entry !== JournalEntry.none; entry = reader.next()) {
      const { numbers } = reader.values;
      if (entry === JournalEntry.header) {
        const { router, unitBlocks } = reader.header;
        this.#names = new BlockNames(reader.forest, router.blockSize, unitBlocks);
      } else if (entry === JournalEntry.node) this.#names!.tell(reader.values);
      else if (entry === JournalEntry.request) {
        this.#noted = { request: numbers[0]!, osl: numbers[2]! };
      } else if (entry === JournalEntry.fact) this.#takeFact();
      else if (entry === JournalEntry.decision) this.#takeDecision();
    }
  }

  #takeFact(): void {
    const { fact, values, nowNs } = this.reader;
    const { numbers, count } = values;
    if (fact.name === 'arrive') this.#takeArrival();
    else if (fact.name === 'prefillCompleted') {
      const request = this.#open.get(numbers[0]!);
      if (request !== undefined && request.firstNs === UNKNOWN) request.firstNs = nowNs;
    } else if (fact.name === 'outputProgress') {
      const request = this.#open.get(numbers[0]!);
      if (request !== undefined) request.osl = Math.max(request.osl, numbers[1]!);
    } else if (fact.name === 'free') this.#end(numbers[0]!);
    else if (fact.name === 'freeOn') this.#end(numbers[1]!);
    else if (fact.name === 'freeAll') {
      for (let index = 0; index < count; index++) this.#end(numbers[index]!);
    }
  }

  #takeArrival(): void {
    const query = this.reader.values.fillQuery(QUERY_COLUMNS);
    const names = this.#names!;
    names.name(query);
    this.#open.set(query.request, {
      isl: query.inputTokens,
      blocks: Array.from(names.names.subarray(0, names.count)),
      osl: this.#noted.request === query.request ? this.#noted.osl : UNKNOWN,
      target: UNKNOWN,
      routedNs: UNKNOWN,
      firstNs: UNKNOWN,
    });
  }

  #takeDecision(): void {
    const { numbers } = this.reader.values;
    const request = this.#open.get(numbers[REQUEST]!);
    if (request === undefined) return;
    if ((numbers[OUTCOME] ?? ROUTED) !== ROUTED) this.#open.delete(numbers[REQUEST]!);
    request.target = numbers[TARGET]!;
    request.routedNs = this.reader.nowNs;
  }

  /** One that was never seen to begin its answer, or whose length nobody knows, tells nothing. */
  #end(id: number): void {
    const request = this.#open.get(id);
    this.#open.delete(id);
    if (request === undefined || request.firstNs === UNKNOWN || request.osl < 1) return;
    const { isl, osl, blocks, target, routedNs, firstNs } = request;
    const sentMs = routedNs / NS_PER_MS;
    const ttftMs = (firstNs - routedNs) / NS_PER_MS;
    const e2eMs = (this.reader.nowNs - routedNs) / NS_PER_MS;
    this.served.push({ target, record: { sentMs, isl, osl, ttftMs, e2eMs, blocks } });
  }
}
