import type { EngineView, RankView } from './engine-view.ts';
import type { Histogram } from './histogram.ts';
import { type Labels, PrometheusText, type Sample } from './prometheus-text.ts';

/** What SGLang exposes with `--enable-metrics`, by its names; one set of samples a rank. */
export function sglangMetrics(view: EngineView): string {
  const text = new PrometheusText(view.createdS);
  const labels = (rank: number): Labels => ({
    engine_type: 'unified',
    model_name: view.model,
    ...(view.ranks.length > 1 && { dp_rank: String(rank) }),
    pp_rank: '0',
    tp_rank: '0',
  });
  const each = (value: (rank: RankView) => number): readonly Sample[] =>
    view.ranks.map((rank, index) => [labels(index), value(rank)]);
  state(text, view, each);
  text.counter(
    'sglang:cached_tokens',
    'Prompt tokens that were cached, by the tier that had them.',
    view.ranks.map((rank, index) => [
      { ...labels(index), cache_source: 'device' },
      rank.stats.cachedTokens,
    ]),
  );
  const spread = (name: string, help: string, of: (rank: RankView) => Histogram): void =>
    text.histogram(
      `sglang:${name}`,
      help,
      view.ranks.map((rank, index) => [labels(index), of(rank)]),
    );
  spread('time_to_first_token_seconds', 'Time to the first token.', (r) => r.stats.ttftS);
  spread('inter_token_latency_seconds', 'Gaps between tokens.', (r) => r.stats.gapS);
  spread('e2e_request_latency_seconds', 'Time to the last token.', (r) => r.stats.e2eS);
  spread('queue_time_seconds', 'Time in the queue.', (r) => r.stats.queueS);
  text.gauge(
    'sglang:cache_config_info',
    'What the KV cache is.',
    view.ranks.map((_, index) => [
      {
        ...labels(index),
        page_size: String(view.blockSize),
        num_pages: String(view.blocks),
      },
      1,
    ]),
  );
  return String(text);
}

function state(
  text: PrometheusText,
  view: EngineView,
  each: (value: (rank: RankView) => number) => readonly Sample[],
): void {
  const tokens = view.blocks * view.blockSize;
  const used = ({ sample }: RankView): number => sample.kvUsedBlocks * view.blockSize;
  const hitRate = ({ stats }: RankView): number =>
    stats.promptTokens === 0 ? 0 : stats.cachedTokens / stats.promptTokens;
  const running = each(({ sample }) => sample.running);
  text.gauge('sglang:num_running_reqs', 'Requests in the batch.', running);
  const waiting = each(({ sample }) => sample.waiting);
  text.gauge('sglang:num_queue_reqs', 'Requests that wait.', waiting);
  text.gauge('sglang:num_used_tokens', 'Tokens of the KV cache in use.', each(used));
  const capacity = each(() => tokens);
  text.gauge('sglang:max_total_num_tokens', 'Tokens of the KV cache.', capacity);
  const usage = each((rank) => used(rank) / tokens);
  text.gauge('sglang:token_usage', 'Share of the KV cache in use.', usage);
  text.gauge('sglang:cache_hit_rate', 'Share of prompt tokens that were cached.', each(hitRate));
  const retracted = each(({ tally }) => tally.preemptions);
  text.gauge('sglang:num_retracted_reqs', 'Times that a request gave way.', retracted);
  text.counter(
    'sglang:prompt_tokens',
    'Prompt tokens served.',
    each(({ stats }) => stats.promptTokens),
  );
  text.counter(
    'sglang:generation_tokens',
    'Output tokens.',
    each(({ stats }) => stats.generationTokens),
  );
  text.counter(
    'sglang:num_requests',
    'Requests that ended.',
    each(({ stats: { finished } }) => finished.stop + finished.length),
  );
}
