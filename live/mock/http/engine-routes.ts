import type { EngineLife } from '../engine-life.ts';
import { adminRoutes } from './admin-routes.ts';
import { embeddingRoutes } from './embedding-routes.ts';
import { generateRoutes } from './generate-routes.ts';
import { handOffRoutes } from './hand-off-routes.ts';
import { modelRoutes } from './model-routes.ts';
import type { Routes } from './server.ts';
import { stateRoutes } from './state-routes.ts';

/** Everything that can be asked of an engine. `crash` ends its life, for good or for so long. */
export function engineRoutes(
  life: EngineLife,
  crash: (restartAfterMs: number | undefined) => void,
): Routes {
  return {
    ...generateRoutes(life),
    ...embeddingRoutes(life),
    ...handOffRoutes(life),
    ...modelRoutes(life),
    ...stateRoutes(life),
    ...adminRoutes(life, crash),
  };
}
