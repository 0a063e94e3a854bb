import { CLAIMED_VERSION, type MockOptions } from '../mock-options.ts';
import { sendJson } from './generate.ts';
import type { Exchange, Routes } from './server.ts';

/** What is asked of an engine as it stands. */
export interface ModelHost {
  readonly options: MockOptions;
  readonly maxModelLen: number;
  readonly startedS: number;
  /** Requests for answers that are under way. */
  readonly load: number;
  /** Whether it says that it is well. */
  readonly isHealthy: boolean;
}

/** Who is served, in which release, and how it fares. */
export function modelRoutes(host: () => ModelHost): Routes {
  const health = ({ response }: Exchange): void => {
    response.writeHead(host().isHealthy ? 200 : 503, { 'content-length': 0 });
    response.end();
  };
  return {
    '/health': { GET: health },
    '/ping': { GET: health, POST: health },
    '/version': {
      GET: ({ response }) =>
        sendJson(response, 200, { version: CLAIMED_VERSION[host().options.backend] }),
    },
    '/load': { GET: ({ response }) => sendJson(response, 200, { server_load: host().load }) },
    '/v1/models': { GET: ({ response }) => sendJson(response, 200, models(host())) },
  };
}

function models({ options, maxModelLen, startedS }: ModelHost): object {
  const { model, loras } = options;
  const card = (id: string, parent: string | null): object => ({
    id,
    object: 'model',
    created: startedS,
    owned_by: options.backend,
    root: id,
    parent,
    max_model_len: maxModelLen,
    permission: [
      {
        id: `modelperm-${id}`,
        object: 'model_permission',
        created: startedS,
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
