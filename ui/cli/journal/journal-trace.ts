import { InputError } from '#core/base/errors.ts';
import { BlockNames } from '#core/journal/block-names.ts';
import { DECISION_COLUMNS, QUERY_COLUMNS } from '#core/journal/fact-table.ts';
import { JournalEntry, JournalReader } from '#core/journal/journal-reader.ts';
import { REMOTE_PREFILL, ROUTED } from '#core/router/decisions.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { TRACE_TASKS, type TraceClient } from '#traces/client.ts';
import { JournalRouting } from './journal-routing.ts';
import { OpenRows } from './open-rows.ts';

/** Names of blocks that are told apart. */
const MOST_NAMES = 2 ** 31;

/** What the line before an arrival says of its request. */
interface KnownRequest {
  request: number;
  outputTokens: number;
  session: number;
  thinkNs: number;
  tenant: number;
  client: TraceClient | undefined;
}

const NOTHING_KNOWN: Readonly<KnownRequest> = {
  request: -1,
  outputTokens: -1,
  session: -1,
  thinkNs: -1,
  tenant: -1,
  client: undefined,
};

/** What its last five numbers say of the client. */
function clientOf(numbers: ArrayLike<number>): TraceClient {
  const [task, cancelNs, cancelAfterTokens, firstNs, wholeNs] = Array.from(numbers).slice(6, 11);
  return {
    ...(task! > 0 && { task: TRACE_TASKS[task!]! }),
    ...(cancelNs! > 0 && { cancelAfterMs: cancelNs! / 1e6 }),
    ...(cancelAfterTokens! > 0 && { cancelAfterTokens: cancelAfterTokens! }),
    ...(firstNs! > 0 && { firstTokenTimeoutMs: firstNs! / 1e6 }),
    ...(wholeNs! > 0 && { timeoutMs: wholeNs! / 1e6 }),
  };
}

/** Places of a decision's request and outcome in its line. */
const DECIDED_REQUEST = DECISION_COLUMNS.findIndex(({ name }) => name === 'request');
const DECIDED_OUTCOME = DECISION_COLUMNS.findIndex(({ name }) => name === 'outcome');

/**
 * The requests of a journal as rows of a trace: as they arrived, with what they asked for, and with
 * prompts that share what they shared. Names of blocks are given anew. Where a journal does not say
 * on arrival how much a request generates, it is what the router was told of it until its end; where
 * it was told nothing, what it expected, or one token.
 */
export class JournalTrace {
  readonly reader: JournalReader;
  readonly #file: string;
  readonly #rows = new OpenRows();
  /** Requests whose prompts another pool computes: they come again, as the same requests. */
  readonly #elsewhere = new Set<number>();
  #unended: readonly number[] = [];
  #names: BlockNames | undefined;
  #routing: JournalRouting | undefined;
  #request: KnownRequest = { ...NOTHING_KNOWN };

  constructor(file: string) {
    this.#file = file;
    this.reader = new JournalReader(file);
  }

  /** Tokens that one name stands for; known once the first batch is there. */
  get blockSize(): number {
    const { router, unitBlocks } = this.reader.header;
    return router.blockSize * unitBlocks;
  }

  /** Requests that asked for workers or settings that a trace has no word for. */
  get incomplete(): number {
    return this.#routing?.incomplete ?? 0;
  }

  /**
   * Where requests arrive whose end the journal does not tell, by its lines; known after `rest`. Their
   * output is what it had told by then.
   */
  get unended(): readonly number[] {
    return this.#unended;
  }

  /** Takes the next bytes of the journal and returns the requests that are all told of. */
  read(chunk: Uint8Array): TraceBatch {
    const { reader } = this;
    reader.push(chunk);
    for (let entry = reader.next(); entry !== JournalEntry.none; entry = reader.next()) {
      if (entry === JournalEntry.header) this.#open();
      else if (entry === JournalEntry.node) this.#takeNode();
      else if (entry === JournalEntry.request) this.#takeRequest();
      else if (entry === JournalEntry.fact) this.#takeFact();
      else if (entry === JournalEntry.decision) this.#takeDecision();
    }
    return this.#rows.takeClosed();
  }

  /** After the last bytes: the requests that were still under way. */
  rest(): TraceBatch {
    this.#unended = this.#rows.unended;
    return this.#rows.takeAll();
  }

  #open(): void {
    const { header, forest } = this.reader;
    this.#names = new BlockNames(forest, header.router.blockSize, header.unitBlocks);
    this.#routing = new JournalRouting(header);
  }

  #takeFact(): void {
    const { fact, values } = this.reader;
    const { numbers, count } = values;
    const id = numbers[0]!;
    switch (fact.name) {
      case 'arrive':
        if (!this.#elsewhere.delete(id)) this.#takeArrival();
        break;
      case 'outputProgress':
        this.#rows.generated(id, numbers[1]!);
        break;
      case 'free':
        this.#ended(id);
        break;
      case 'freeOn':
        this.#ended(numbers[1]!);
        break;
      case 'freeAll':
        for (let index = 0; index < count; index++) this.#ended(numbers[index]!);
        break;
      case 'defineTerms':
        this.#routing!.defineTerms(id, values.object as RouteTerms);
        break;
      case 'describeTarget':
        this.#routing!.describeTarget(id, values.object as TargetAttributes);
        break;
      default:
    }
  }

  #takeDecision(): void {
    const { numbers } = this.reader.values;
    const request = numbers[DECIDED_REQUEST]!;
    const outcome = numbers[DECIDED_OUTCOME]!;
    if (outcome === REMOTE_PREFILL) this.#elsewhere.add(request);
    else if (outcome !== ROUTED) this.#ended(request);
  }

  #ended(request: number): void {
    this.#elsewhere.delete(request);
    this.#rows.close(request);
  }

  #takeNode(): void {
    if (this.#names!.tell(this.reader.values)) return;
    throw this.reader.invalid('the content of the node does not fit its length', this.reader.text);
  }

  #takeRequest(): void {
    const { numbers, count } = this.reader.values;
    const known = this.#request;
    known.request = numbers[0]!;
    known.outputTokens = numbers[2]!;
    known.session = count > 3 ? numbers[3]! : -1;
    known.thinkNs = count > 4 ? numbers[4]! : -1;
    known.tenant = count > 5 ? numbers[5]! : -1;
    known.client = count > 6 ? clientOf(numbers) : undefined;
  }

  #takeArrival(): void {
    const { reader } = this;
    const query = reader.values.fillQuery(QUERY_COLUMNS);
    const known = this.#request.request === query.request ? this.#request : undefined;
    const expected = Math.max(1, query.expectedOutputTokens);
    const outputTokens =
      known !== undefined && known.outputTokens >= 0 ? known.outputTokens : expected;
    const { batch } = this.#rows;
    const row = batch.append(reader.line, query.inputTokens, outputTokens);
    batch.timestampMs[row] = reader.nowNs / 1e6;
    batch.priority[row] = query.priority;
    batch.strictPriority[row] = query.strictPriority;
    const tenant = known === undefined ? undefined : reader.tenants[known.tenant];
    batch.tenantId[row] = tenant;
    batch.policyClass[row] = this.#routing!.classOf(query, tenant);
    batch.routing[row] = this.#routing!.of(query);
    batch.client[row] = known?.client;
    if (known !== undefined && known.session >= 0) {
      batch.sessionId[row] = reader.sessions[known.session];
      if (known.thinkNs >= 0) batch.delayMs[row] = known.thinkNs / 1e6;
    }
    this.#namePrompt(query);
    if (known === undefined || known.outputTokens < 0) this.#rows.open(query.request);
  }

  #namePrompt(query: Readonly<RouteQuery>): void {
    const names = this.#names!;
    names.name(query);
    if (names.given >= MOST_NAMES) {
      throw new InputError('journal_invalid', 'a trace cannot name so many blocks', {
        file: this.#file,
        line: this.reader.line,
        allowed: '2,147,483,647 different blocks',
      });
    }
    for (let index = 0; index < names.count; index++)
      this.#rows.batch.appendHashId(names.names[index]!);
  }
}
