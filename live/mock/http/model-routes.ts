import type { EngineLife } from '../engine-life.ts';
import { sglangMetrics } from '../metrics/sglang-metrics.ts';
import { vllmMetrics } from '../metrics/vllm-metrics.ts';
import { CLAIMED_VERSION } from '../mock-options.ts';
import { sendJson } from './send-json.ts';
import type { Exchange, Routes } from './server.ts';

/** Who is served, in which release, and how it fares. */
export function modelRoutes(life: EngineLife): Routes {
  const { backend } = life.options;
  const answer =
    (body: () => object) =>
    ({ response }: Exchange): void =>
      sendJson(response, 200, body());
  const health = ({ response }: Exchange): void => {
    response.writeHead(life.faults.now.unhealthy ? 503 : 200, { 'content-length': 0 });
    response.end();
  };
  const info = answer(() => serverInfo(life));
  return {
    '/health': { GET: health },
    '/ping': { GET: health, POST: health },
    '/version': { GET: answer(() => ({ version: CLAIMED_VERSION[backend] })) },
    '/load': { GET: answer(() => ({ server_load: life.worker.requests })) },
    '/v1/models': { GET: answer(() => models(life)) },
    '/server_info': { GET: info },
    '/get_server_info': { GET: info },
    '/kv_event_sources': { GET: answer(() => eventSources(life)) },
    '/metrics': { GET: ({ response }) => sendMetrics(life, response) },
  };
}

function sendMetrics(life: EngineLife, response: Exchange['response']): void {
  const write = life.options.backend === 'sglang' ? sglangMetrics : vllmMetrics;
  response.writeHead(200, { 'content-type': 'text/plain; version=1.0.0; charset=utf-8' });
  response.end(write(life.view()));
}

/** What SGLang says of itself, as far as routers read it. */
function serverInfo({ options, worker }: EngineLife): object {
  const { engine } = worker;
  return {
    model_path: options.model,
    served_model_name: options.model,
    disaggregation_mode: options.role === 'aggregated' ? 'null' : options.role,
    version: CLAIMED_VERSION[options.backend],
    dp_size: engine.ranks,
    page_size: engine.blockSize,
    max_total_num_tokens: engine.blocks * engine.blockSize,
    chunked_prefill_size: options.config.engine.chunked_prefill_size,
    max_prefill_tokens: options.config.engine.max_prefill_tokens,
    max_running_requests: options.config.engine.max_num_seqs,
    context_length: engine.maxModelLen,
  };
}

function eventSources({ options, kvEventSources }: EngineLife): object {
  const { kvEvents } = options;
  return Object.fromEntries(
    kvEventSources.map(({ endpoint, replay }, rank) => [
      String(rank),
      {
        enable_kv_cache_events: true,
        publisher: 'zmq',
        endpoint,
        replay_endpoint: replay ?? null,
        buffer_steps: kvEvents?.bufferSteps,
        hwm: kvEvents?.hwm,
        max_queue_size: kvEvents?.hwm,
        topic: kvEvents?.topic,
      },
    ]),
  );
}

function models({ options, worker, startedS }: EngineLife): object {
  const { model, loras, backend } = options;
  const created = Math.floor(startedS);
  const card = (id: string, parent: string | null): object => ({
    id,
    object: 'model',
    created,
    owned_by: backend,
    root: id,
    parent,
    max_model_len: worker.engine.maxModelLen,
    permission: [
      {
        id: `modelperm-${id}`,
        object: 'model_permission',
        created,
        allow_create_engine: false,
        allow_sampling: true,
        allow_logprobs: true,
        allow_search_indices: false,
        allow_view: true,
        allow_fine_tuning: false,
        organization: '*',
        group: null,
        is_blocking: false,
      },
    ],
  });
  return { object: 'list', data: [card(model, null), ...loras.map((id) => card(id, model))] };
}
