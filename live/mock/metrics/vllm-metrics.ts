import type { EngineView, RankView } from './engine-view.ts';
import { Histogram } from './histogram.ts';
import { type Labels, PrometheusText, type Sample } from './prometheus-text.ts';

type Values = Readonly<Record<string, number>>;

/** Preemptions and choices are not kept by request: these have the right buckets and no count. */
const PREEMPTIONS = new Histogram([1, 2, 3, 4, 5, 10, 20]);
const CHOICES = new Histogram([1, 2, 5, 10, 20]);

/** Everything that vLLM 0.32 exposes of itself, by its names and labels; what nobody models is 0. */
export function vllmMetrics(view: EngineView): string {
  const text = new PrometheusText(view.createdS);
  const labels = (rank: number): Labels => ({ engine: String(rank), model_name: view.model });
  /** One sample a rank. */
  const each = (value: (rank: RankView) => number): readonly Sample[] =>
    view.ranks.map((rank, index) => [labels(index), value(rank)]);
  /** One sample a rank and value of a label. */
  const by = (label: string, values: (rank: RankView) => Values): readonly Sample[] =>
    view.ranks.flatMap((rank, index) =>
      Object.entries(values(rank)).map(
        ([name, value]): Sample => [{ ...labels(index), [label]: name }, value],
      ),
    );
  const spread = (name: string, help: string, of: (rank: RankView) => Histogram): void =>
    text.histogram(
      `vllm:${name}`,
      help,
      view.ranks.map((rank, index) => [labels(index), of(rank)]),
    );
  state(text, view, each, by);
  volume(text, view, each, by);
  spread('request_prompt_tokens', 'Prompt tokens of a request.', (r) => r.stats.requestPrompt);
  spread('request_generation_tokens', 'Its output tokens.', (r) => r.stats.requestGeneration);
  spread('iteration_tokens_total', 'Tokens of a step.', (r) => r.stats.stepTokens);
  spread('request_max_num_generation_tokens', 'Output asked for.', (r) => r.stats.requestMax);
  spread('request_params_n', 'Choices asked for.', () => CHOICES);
  spread('request_params_max_tokens', 'max_tokens.', (r) => r.stats.requestMax);
  spread('time_to_first_token_seconds', 'Time to the first token.', (r) => r.stats.ttftS);
  spread('inter_token_latency_seconds', 'Gaps between tokens.', (r) => r.stats.gapS);
  spread('request_time_per_output_token_seconds', 'Mean gap.', (r) => r.stats.tpotS);
  spread('e2e_request_latency_seconds', 'Time to the last token.', (r) => r.stats.e2eS);
  spread('request_queue_time_seconds', 'Time in the queue.', (r) => r.stats.queueS);
  spread('request_inference_time_seconds', 'Time in the batch.', (r) => r.stats.inferenceS);
  spread('request_prefill_time_seconds', 'From there to a token.', (r) => r.stats.prefillS);
  spread('request_decode_time_seconds', 'From first to last token.', (r) => r.stats.decodeS);
  spread('request_num_preemptions', 'Times that it gave way.', () => PREEMPTIONS);
  spread('request_prefill_kv_computed_tokens', 'Computed.', (r) => r.stats.requestComputed);
  text.gauge('vllm:cache_config_info', 'What the KV cache is.', configSamples(view));
  return String(text);
}

type Each = (value: (rank: RankView) => number) => readonly Sample[];
type By = (label: string, values: (rank: RankView) => Values) => readonly Sample[];

function state(text: PrometheusText, view: EngineView, each: Each, by: By): void {
  const zero = each(() => 0);
  text.counter('vllm:estimated_flops_per_gpu', 'Not modelled.', zero);
  text.counter('vllm:estimated_read_bytes_per_gpu', 'Not modelled.', zero);
  text.counter('vllm:estimated_write_bytes_per_gpu', 'Not modelled.', zero);
  const running = each(({ sample }) => sample.running);
  text.gauge('vllm:num_requests_running', 'Requests in the batch.', running);
  const waiting = each(({ sample }) => sample.waiting);
  text.gauge('vllm:num_requests_waiting', 'Requests that wait.', waiting);
  text.gauge(
    'vllm:num_requests_waiting_by_reason',
    'The same by what they wait for.',
    by('reason', ({ sample }) => ({ capacity: sample.waiting, deferred: 0 })),
  );
  text.gauge(
    'vllm:engine_sleep_state',
    'Whether it is awake, or how deeply it sleeps.',
    by('sleep_state', () => ({
      awake: view.sleepLevel === 0 ? 1 : 0,
      weights_offloaded: view.sleepLevel === 1 ? 1 : 0,
      discard_all: view.sleepLevel === 2 ? 1 : 0,
    })),
  );
  const used = each(({ sample }) => sample.kvUsedBlocks / view.blocks);
  text.gauge('vllm:kv_cache_usage_perc', 'Share of KV blocks in use.', used);
}

function volume(text: PrometheusText, view: EngineView, each: Each, by: By): void {
  const zero = each(() => 0);
  const prompt = each(({ stats }) => stats.promptTokens);
  const cached = each(({ stats }) => stats.cachedTokens);
  const copied = each(({ stats }) => stats.copiedTokens);
  text.counter('vllm:prefix_cache_queries', 'Prompt tokens that were looked up.', prompt);
  text.counter('vllm:prefix_cache_hits', 'Those that were cached.', cached);
  text.counter('vllm:external_prefix_cache_queries', 'Looked up elsewhere.', copied);
  text.counter('vllm:external_prefix_cache_hits', 'Found there.', copied);
  text.counter('vllm:mm_cache_queries', 'Not modelled.', zero);
  text.counter('vllm:mm_cache_hits', 'Not modelled.', zero);
  const preemptions = each(({ tally }) => tally.preemptions);
  text.counter('vllm:num_preemptions', 'Times that a request gave way.', preemptions);
  text.counter('vllm:prompt_tokens', 'Prompt tokens served.', prompt);
  text.counter(
    'vllm:prompt_tokens_by_source',
    'The same by where they came from.',
    by('source', ({ stats: { promptTokens, cachedTokens, copiedTokens } }) => ({
      local_compute: promptTokens - cachedTokens - copiedTokens,
      local_cache_hit: cachedTokens,
      external_kv_transfer: copiedTokens,
    })),
  );
  text.counter('vllm:prompt_tokens_cached', 'Prompt tokens not computed here.', cached);
  text.counter(
    'vllm:prompt_tokens_cached_by_source',
    'The same by the tier that had them.',
    by('source', ({ stats }) => ({
      device: stats.cachedTokens,
      host: 0,
      p2p: stats.copiedTokens,
      disk: 0,
      external_unspecified: 0,
    })),
  );
  const generated = each(({ stats }) => stats.generationTokens);
  text.counter('vllm:generation_tokens', 'Output tokens.', generated);
  text.counter(
    'vllm:request_success',
    'Requests that ended, by why.',
    by('finished_reason', ({ stats: { finished } }) => ({
      stop: finished.stop,
      length: finished.length,
      abort: 0,
      error: 0,
      repetition: 0,
    })),
  );
  text.counter('vllm:admission_rejections', 'Requests turned away at the door.', [
    [{ model_name: view.model, reason: 'max_num_queued_reqs' }, view.refused],
    [{ model_name: view.model, reason: 'max_num_queued_tokens' }, 0],
  ]);
}

function configSamples(view: EngineView): readonly Sample[] {
  return view.ranks.map((_, rank): Sample => {
    const size = String(view.blockSize);
    const labels = {
      _block_size_resolved: 'True',
      block_size: size,
      cache_dtype: 'auto',
      cache_hit_alignment_tokens: 'None',
      effective_attention_block_size: size,
      enable_mamba_shared_prefix_checkpoint: 'False',
      enable_prefix_caching: view.prefixCaching ? 'True' : 'False',
      engine: String(rank),
      gpu_memory_utilization: '0.92',
      hash_block_size: 'None',
      is_attention_free: 'False',
      kv_cache_dtype_skip_layers: '[]',
      kv_cache_layout: 'None',
      kv_cache_max_concurrency: ((view.blocks * view.blockSize) / view.maxModelLen).toFixed(2),
      kv_cache_memory_bytes: 'None',
      kv_cache_size_tokens: String(view.blocks * view.blockSize),
      kv_offloading_backend: 'native',
      kv_offloading_size: 'None',
      kv_sharing_fast_prefill: 'False',
      mamba_block_size: 'None',
      mamba_cache_dtype: 'auto',
      mamba_cache_mode: 'none',
      mamba_page_size_padded: 'None',
      mamba_ssm_cache_dtype: 'float32',
      num_cpu_blocks: 'None',
      num_gpu_blocks: String(view.blocks),
      num_gpu_blocks_override: String(view.blocks),
      prefix_cache_retention_interval: '0',
      prefix_caching_hash_algo: 'xxhash',
      prefix_match_unit: 'None',
      replayssm_buffer_len: '16',
      skip_page_size_padded: 'None',
      sliding_window: 'None',
      swa_bounded_replay: 'True',
      use_kda_recoverssm: 'False',
      use_replayssm: 'False',
      user_specified_block_size: 'True',
    };
    return [labels, 1];
  });
}
