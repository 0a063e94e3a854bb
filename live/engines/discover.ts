import { isRecord } from '#core/config/key-schema.ts';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import { adapterOf } from './adapters.ts';
import { askEngine, askForJson, type EngineQuestion } from './ask-engine.ts';
import { type BlockCapacity, readEngineReport } from './engine-load.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from './engine-settings.ts';

/** What an engine says of itself; what it does not say is absent. */
export interface EngineCapacity extends BlockCapacity {
  /** Models that it serves, LoRA adapters among them. */
  readonly models: readonly string[];
  /** Most tokens of prompt and answer together, the least of its models. */
  readonly maxModelLen?: number;
  readonly maxNumBatchedTokens?: number;
  /** Tokens of a pass, where an engine says that apart from the budget for prompts. */
  readonly chunkedPrefillSize?: number;
  readonly dataParallelSize?: number;
}

export interface DiscoverOptions {
  readonly settings?: EngineSettings;
  readonly signal?: AbortSignal;
  /** For each of its questions. */
  readonly timeoutMs?: number;
}

/**
 * Asks an engine for its models, blocks and limits, in the ways its kind has. Undefined as long as
 * it does not list its models: it is not up yet. Rejects only when the signal aborts.
 */
export async function discoverEngine(
  entry: Pick<EngineEntry, 'backend' | 'url'>,
  { settings = DEFAULT_SETTINGS, signal, timeoutMs = 5_000 }: DiscoverOptions = {},
): Promise<EngineCapacity | undefined> {
  const ask = (path: string): EngineQuestion => ({
    url: entry.url,
    path,
    timeoutMs,
    apiKey: settings.apiKey,
    signal,
  });
  const listed = modelsOf(await askForJson(ask('/v1/models')));
  if (listed === undefined) return undefined;
  const { metrics } = adapterOf(entry.backend);
  let scraped: BlockCapacity = {};
  if (metrics !== undefined) {
    scraped = await askEngine(ask(metrics.path)).then(
      ({ status, text }) => (status === 200 ? readEngineReport(text, metrics.names).capacity : {}),
      () => ({}),
    );
  }
  const info = entry.backend === 'sglang' ? await askForJson(ask('/server_info')) : undefined;
  return { ...listed, ...scraped, ...sglangInfo(info) };
}

function modelsOf(answer: unknown): Pick<EngineCapacity, 'models' | 'maxModelLen'> | undefined {
  if (!isRecord(answer) || !Array.isArray(answer.data)) return undefined;
  const listed = answer.data.filter(isRecord);
  const models = listed.map(({ id }) => id).filter((id) => typeof id === 'string');
  const lengths = listed
    .map((model) => whole(model.max_model_len))
    .filter((length) => length !== undefined);
  return { models, ...(lengths.length > 0 && { maxModelLen: Math.min(...lengths) }) };
}

/** SGLang counts its cache in tokens and says so where it lists its arguments. */
function sglangInfo(info: unknown): Partial<EngineCapacity> {
  if (!isRecord(info)) return {};
  const blockSize = whole(info.page_size);
  const cacheTokens = whole(info.max_total_num_tokens);
  const batched = whole(info.max_prefill_tokens);
  const chunk = whole(info.chunked_prefill_size);
  const ranks = whole(info.dp_size);
  return {
    ...(blockSize !== undefined && { blockSize }),
    ...(cacheTokens !== undefined &&
      blockSize !== undefined && { numGpuBlocks: Math.floor(cacheTokens / blockSize) }),
    ...(batched !== undefined && { maxNumBatchedTokens: batched }),
    ...(chunk !== undefined && { chunkedPrefillSize: chunk }),
    ...(ranks !== undefined && { dataParallelSize: ranks }),
  };
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
