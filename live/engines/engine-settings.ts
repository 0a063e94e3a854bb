import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { Secret } from './secret.ts';

/** What the config says of an engine that only those who speak to it need. */
export interface EngineSettings {
  readonly apiKey?: Secret;
  /** Whether it schedules by priority. */
  readonly priorityScheduling: boolean;
  /** Port at which a prefill engine of SGLang hands KV caches out. */
  readonly bootstrapPort: number;
  /** The worker of Dynamo that a frontend at its URL is told to hand requests on to. */
  readonly dynamoWorker?: string;
}

/** SGLang's own default of `--disaggregation-bootstrap-port`. */
const BOOTSTRAP_PORT = 8998;

/** Settings of an engine of which nothing is said, one that was discovered say. */
export const DEFAULT_SETTINGS: EngineSettings = {
  priorityScheduling: false,
  bootstrapPort: BOOTSTRAP_PORT,
};

/** Settings of an engine of the config, with its key where it has one. */
export function settingsOf(entry: EngineEntry, apiKey: Secret | undefined): EngineSettings {
  return {
    ...(apiKey !== undefined && { apiKey }),
    priorityScheduling: entry.priority_scheduling,
    bootstrapPort: entry.bootstrap_port ?? BOOTSTRAP_PORT,
  };
}
