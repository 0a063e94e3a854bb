import { type EngineEntry, engineEntrySchema } from '#core/config/serve/engine-list.ts';
import type { LeftOut, ListedEngine } from '../discovery-source.ts';
import type { ChannelRecord, DynamoRecord, EndpointRecord, ModelRecord } from './records.ts';

const KV_EVENTS_TOPIC = 'kv-events';

/** Which of Dynamo's workers a router serves, and how it reaches them. */
export interface DynamoChoice {
  /** Only workers of this namespace and component; all when absent. */
  readonly namespace?: string | undefined;
  readonly component?: string | undefined;
  readonly endpoint: string;
  /** The model to serve, where workers serve several. */
  readonly model?: string | undefined;
  /** A frontend of Dynamo with `--router-mode direct`, which hands requests on to the worker that they name. */
  readonly frontend?: string | undefined;
  /** KV events are read over NATS: workers that publish there are no news. */
  readonly readsNats: boolean;
}

export interface FoundWorkers {
  readonly engines: readonly ListedEngine[];
  readonly leftOut: readonly LeftOut[];
  /** Where KV events are published over ZMQ. */
  readonly planeAddresses: readonly string[];
}

/**
 * Dynamo's workers as engines: named by their instance ids, with the blocks that their model cards
 * tell of. A worker has no HTTP of its own, only Dynamo's request plane; it is an engine where a
 * frontend in direct mode stands in front of it, and is left out with the reason where none does.
 */
export function enginesOfRecords(
  records: readonly DynamoRecord[],
  choice: DynamoChoice,
): FoundWorkers {
  const chosen = records.filter((record) => isChosen(record, choice));
  const cards = new Map<bigint, ModelRecord[]>();
  for (const record of chosen) {
    if (record.kind !== 'model') continue;
    cards.set(record.instance, [...(cards.get(record.instance) ?? []), record]);
  }
  const models = new Set(
    [...cards.values()]
      .flat()
      .filter(isModel)
      .map(({ model }) => model),
  );
  const engines: ListedEngine[] = [];
  const leftOut: LeftOut[] = [];
  for (const record of chosen) {
    if (record.kind !== 'endpoint') continue;
    const own = cards.get(record.instance) ?? [];
    const engine = engineOf(record, own, [...models].sort(), choice);
    if ('why' in engine) leftOut.push(engine);
    else engines.push(engine);
  }
  const channels = chosen.filter(
    (record): record is ChannelRecord =>
      record.kind === 'channel' && record.topic === KV_EVENTS_TOPIC,
  );
  return {
    engines,
    leftOut: [...leftOut, ...(choice.readsNats ? [] : unheard(channels))],
    planeAddresses: channels.flatMap(({ address }) => (address === '' ? [] : [address])).sort(),
  };
}

function isChosen(record: DynamoRecord, choice: DynamoChoice): boolean {
  const { namespace = record.namespace, component = record.component, endpoint } = choice;
  return (
    record.endpoint === endpoint && record.namespace === namespace && record.component === component
  );
}

function isModel({ isAdapter }: ModelRecord): boolean {
  return !isAdapter;
}

function engineOf(
  { instance, reachedBy }: EndpointRecord,
  cards: readonly ModelRecord[],
  models: readonly string[],
  { frontend, model }: DynamoChoice,
): ListedEngine | LeftOut {
  const name = String(instance);
  const card = cards.find(isModel);
  const refused = (why: string): LeftOut => ({ name, why });
  if (card === undefined) return refused('it has no model card');
  if (model === undefined && models.length > 1) {
    return refused(
      `there are several models: set discovery.dynamo.model to ${models.join(' or ')}`,
    );
  }
  if (model !== undefined && card.model !== model) return refused(`it serves ${card.model}`);
  if (card.workerType !== 'aggregated') {
    return refused(`it is a ${card.workerType} worker, which Dynamo's frontend pairs itself`);
  }
  if (card.firstRank !== 0) return refused(`its ranks begin with ${card.firstRank}, not with 0`);
  if (frontend === undefined) {
    return refused(
      `only Dynamo's request plane reaches it (${reachedBy}): set discovery.dynamo.frontend to a frontend with --router-mode direct`,
    );
  }
  const adapters = cards.filter((one) => one.isAdapter).map((one) => one.model);
  const parsed = engineEntrySchema.safeParse(entryOf(name, frontend, card, adapters));
  if (!parsed.success) return refused(`its model card does not fit: ${parsed.error.message}`);
  return { entry: parsed.data, dynamoWorker: name };
}

function entryOf(
  name: string,
  frontend: string,
  card: ModelRecord,
  adapters: readonly string[],
): { readonly [Key in keyof EngineEntry]?: unknown } {
  return {
    ...{ name, backend: 'openai', url: frontend, worker_id: name },
    data_parallel_size: card.ranks,
    ...(card.blockSize !== undefined && { block_size: card.blockSize }),
    ...(card.totalKvBlocks !== undefined && { num_gpu_blocks: card.totalKvBlocks }),
    ...(card.maxNumBatchedTokens !== undefined && {
      max_num_batched_tokens: card.maxNumBatchedTokens,
    }),
    ...(adapters.length > 0 && { lora_adapters: adapters }),
  };
}

/** KV events that are published where nobody here listens; said once for each component. */
function unheard(channels: readonly ChannelRecord[]): readonly LeftOut[] {
  const others = channels.filter(({ transport }) => transport === 'other');
  const names = new Set(
    others.map(({ namespace, component, endpoint }) => `${namespace}/${component}/${endpoint}`),
  );
  return [...names].sort().map((name) => ({
    name: `KV events of ${name}`,
    why: 'they are published over NATS: set event_plane.subscribe.nats',
  }));
}
