import type { HolderTable } from '#core/kv/extents/holder-table.ts';
import type { PromptForest, PromptPath } from '#core/tokens/prompt-forest.ts';
import type { TraceBatch } from '#traces/batch.ts';
import type { TraceRouting } from '#traces/routing.ts';
import type { BlockIds } from './block-ids.ts';
import type { ClientWishes } from './client-wishes.ts';
import type { ConversationIds } from './conversation-ids.ts';
import { NameRows } from './name-rows.ts';
import type { RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';
import type { TenantMix } from './tenant-mix.ts';

/** What the loader fills. */
export interface LoaderTables {
  readonly requests: RequestTable;
  readonly holders: HolderTable;
  readonly sessions: SessionTable;
  readonly forest: PromptForest;
  readonly blockIds: BlockIds;
  /** Names the blocks of sessions whose prompts hold generated output, in traces that have such. */
  readonly conversations?: ConversationIds;
}

/**
 * Turns the rows of a trace into requests, one at a time and only as they are asked for. Prompts are
 * interned in the forest on the way, so that a row of the trace can be forgotten at once.
 */
export class RequestLoader {
  /** Time of the last loaded request on the trace's clock, NaN when its row has none. */
  timestampMs = Number.NaN;
  readonly #tables: LoaderTables;
  readonly #hasContent: boolean;
  readonly #blockSize: number;
  readonly #limit: number;
  readonly #batches: Iterator<TraceBatch>;
  readonly #path: PromptPath = { leaf: -1, leafBlocks: 0 };
  readonly #tenants: NameRows;
  readonly #policyClasses: NameRows;
  readonly #wishes: ClientWishes;
  readonly #mix: TenantMix | undefined;
  readonly #conversations: ConversationIds | undefined;
  readonly #routings = new Map<TraceRouting, number>();
  #batch: TraceBatch | undefined;
  #rowInBatch = 0;
  #loaded = 0;

  constructor(
    batches: Iterable<TraceBatch>,
    hasContent: boolean,
    blockSize: number,
    limit: number,
    tables: LoaderTables,
    wishes: ClientWishes,
    mix?: TenantMix,
  ) {
    this.#batches = batches[Symbol.iterator]();
    this.#hasContent = hasContent;
    this.#blockSize = blockSize;
    this.#limit = limit;
    this.#tables = tables;
    this.#wishes = wishes;
    this.#mix = mix;
    this.#conversations = tables.conversations;
    this.#tenants = new NameRows(tables.requests.tenantNames);
    this.#policyClasses = new NameRows(tables.requests.policyClassNames);
  }

  /** Loads the next request and returns its row, or −1 at the end of the trace. */
  next(): number {
    const { requests, sessions } = this.#tables;
    if (this.#loaded >= this.#limit) return -1;
    while (this.#batch === undefined || this.#rowInBatch >= this.#batch.count) {
      const step = this.#batches.next();
      if (step.done === true) return -1;
      this.#batch = step.value;
      this.#rowInBatch = 0;
      requests.reserve(requests.count + Math.min(step.value.count, this.#limit - this.#loaded));
    }
    const batch = this.#batch;
    const from = this.#rowInBatch++;
    this.#loaded++;
    const row = requests.append(
      batch.line[from]!,
      batch.inputTokens[from]!,
      batch.outputTokens[from]!,
    );
    this.#labelRequest(row, batch, from);
    this.timestampMs = batch.timestampMs[from]!;
    this.#openPrompt(row, batch, from);
    sessions.appendRow(row, batch, from);
    return row;
  }

  /** Whose the request is, and what it asks of the router: the trace goes before the mix. */
  #labelRequest(row: number, batch: TraceBatch, from: number): void {
    const { requests } = this.#tables;
    const sessionId = batch.sessionId[from];
    const tenant = batch.tenantId[from] ?? this.#mix?.tenantOf(sessionId);
    const settings = this.#mix?.settingsOf(tenant);
    const policyClass = batch.policyClass[from] ?? settings?.policy_class;
    requests.tenant[row] = this.#tenants.of(tenant);
    requests.policyClass[row] = this.#policyClasses.of(policyClass);
    requests.priority[row] = batch.priority[from]! || (settings?.priority ?? 0);
    requests.strictPriority[row] = batch.strictPriority[from]! || (settings?.strict_priority ?? 0);
    requests.routing[row] = this.#routingOf(batch.routing[from]);
    this.#wishes.fill(requests, row, batch.client[from]);
    const media = batch.media[from];
    if (media !== undefined) requests.media.set(row, media);
  }

  /** Rows that ask for the same share an object, and so a row of the table. */
  #routingOf(routing: TraceRouting | undefined): number {
    if (routing === undefined) return -1;
    const { routings } = this.#tables.requests;
    const known = this.#routings.get(routing);
    if (known !== undefined) return known;
    const id = routings.push(routing) - 1;
    this.#routings.set(routing, id);
    return id;
  }

  #openPrompt(row: number, batch: TraceBatch, from: number): void {
    const { requests, holders, forest, blockIds } = this.#tables;
    if (this.#conversations !== undefined) {
      this.#openConversation(row, this.#conversations, batch, from);
      return;
    }
    const blocks = Math.floor(requests.inputTokens[row]! / this.#blockSize);
    if (!this.#hasContent || blocks === 0) {
      holders.open(row, -1, 0, 0);
      return;
    }
    const path = this.#path;
    blockIds.convert(batch.hashIds, batch.hashStart[from]!, blocks);
    forest.intern(blockIds.names, blockIds.from, blocks, path);
    holders.open(row, path.leaf, path.leafBlocks, blocks);
  }

  #openConversation(row: number, ids: ConversationIds, batch: TraceBatch, from: number): void {
    const { holders, forest } = this.#tables;
    const path = this.#path;
    const blocks = ids.convert(batch, from);
    forest.intern(ids.names, 0, blocks, path);
    holders.open(row, path.leaf, path.leafBlocks, blocks);
  }
}
