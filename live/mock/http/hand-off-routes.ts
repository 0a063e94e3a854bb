import type { EngineLife } from '../engine-life.ts';
import { badRequest, problem } from './problem.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
import type { Exchange, Routes } from './server.ts';

/** How a decode engine gets at the prompts that this one holds. */
export function handOffRoutes({ holds }: EngineLife): Routes {
  const answer = ({ response }: Exchange, key: string, isThere: boolean): void => {
    if (!isThere) throw problem(404, 'NotFoundError', `no prompt is held under ${key}`);
    sendJson(response, 200, { key });
  };
  return {
    '/internal/kv/claim': {
      POST: async (exchange) => {
        const { key, waits } = await readAsk(exchange);
        answer(exchange, key, await holds.claim(key, waits));
      },
    },
    '/internal/kv/done': {
      POST: async (exchange) => {
        const { key } = await readAsk(exchange);
        answer(exchange, key, holds.end(key));
      },
    },
  };
}

async function readAsk({ request }: Exchange): Promise<{ key: string; waits: boolean }> {
  const { key, waits } = await readJsonBody(request);
  if (typeof key !== 'string') throw badRequest('a hold is asked for by its key');
  return { key, waits: waits === true };
}
