// What `live` may see of the tunnel: engines that somebody else drives, and workers that stand beside
// real ones. Its other rooms stay closed.

import type { EngineListener } from './engine/hosted/engine-listener.ts';
import {
  HostedEngine,
  type HostedOptions,
  type HostedRequest,
} from './engine/hosted/hosted-engine.ts';
import type { WorkerRole } from './engine/rank/worker-role.ts';
import type { WorkerSample } from './engine/worker-sample.ts';
import type { WorkerTally } from './engine/worker-tally.ts';
import { type EngineModel, openEngineModel } from './shadow/engine-model.ts';
import { ShadowWorker } from './shadow/shadow-worker.ts';
import { Task } from './workload/request-table.ts';

export type {
  EngineListener,
  EngineModel,
  HostedOptions,
  HostedRequest,
  WorkerRole,
  WorkerSample,
  WorkerTally,
};
export { HostedEngine, openEngineModel, ShadowWorker, Task };
