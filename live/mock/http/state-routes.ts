import type { EngineLife } from '../engine-life.ts';
import { badRequest } from './problem.ts';
import { sendJson } from './send-json.ts';
import type { Exchange, Routes } from './server.ts';

/** vLLM's development endpoints: pause, sleep, and a prefix cache that is forgotten. */
export function stateRoutes(life: EngineLife): Routes {
  const pause = (isPaused: boolean): void => {
    life.isPaused = isPaused;
    life.setPace();
  };
  const answer =
    (act: (exchange: Exchange) => object) =>
    (exchange: Exchange): void =>
      sendJson(exchange.response, 200, act(exchange));
  return {
    '/pause': {
      POST: answer(() => {
        pause(true);
        return { status: 'paused' };
      }),
    },
    '/resume': {
      POST: answer(() => {
        pause(false);
        return { status: 'resumed' };
      }),
    },
    '/is_paused': { GET: answer(() => ({ is_paused: life.isPaused })) },
    '/sleep': {
      POST: answer(({ url }) => {
        const level = Number(url.searchParams.get('level') ?? 1);
        if (level !== 1 && level !== 2) throw badRequest('Sleep level must be 1 or 2.');
        life.worker.clearCache();
        life.sleepLevel = level;
        pause(true);
        return { status: 'sleeping', level };
      }),
    },
    '/wake_up': {
      POST: answer(() => {
        life.sleepLevel = 0;
        pause(false);
        return { status: 'awake' };
      }),
    },
    '/is_sleeping': { GET: answer(() => ({ is_sleeping: life.sleepLevel > 0 })) },
    '/reset_prefix_cache': { POST: answer(() => ({ success: life.worker.clearCache() })) },
    '/flush_cache': { POST: answer(() => ({ success: life.worker.clearCache() })) },
  };
}
