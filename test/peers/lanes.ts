import { spawnSync } from 'node:child_process';
import { execPath } from 'node:process';
import { REPOSITORY_ROOT } from '../architecture/repository.ts';
import { openaiClient } from './clients/openai-lane.ts';
import { dynamoDiscovery } from './dynamo/discovery-lane.ts';
import { dynamoIndexer } from './dynamo/indexer-lane.ts';
import { dynamoOracle } from './dynamo/oracle-lane.ts';
import { dynamoPlane } from './dynamo/plane-lane.ts';
import { dynamoReplicas } from './dynamo/replicas-lane.ts';
import { dynamoWorkers } from './dynamo/workers-lane.ts';
import type { Lane } from './lane.ts';
import { mockInRealTime } from './mock-in-real-time.ts';
import { tokens } from './tokens/tokens-lane.ts';
import { vllm } from './vllm/vllm-lane.ts';

/** A lane that is a program of its own and prints what it finds. */
function program(name: string, path: string): Lane {
  return {
    name,
    run: (options) => {
      const { status } = spawnSync(execPath, [path, ...options], {
        cwd: REPOSITORY_ROOT,
        stdio: 'inherit',
      });
      return { passed: status === 0, text: status === 0 ? 'passed' : `failed with ${status}` };
    },
  };
}

export const LANES: readonly Lane[] = [
  program('replay', 'test/parity/peers/main.ts'),
  program('publishers', 'test/parity/publishers/main.ts'),
  { name: 'mock-engine', run: mockInRealTime },
  dynamoOracle,
  dynamoWorkers,
  dynamoIndexer,
  dynamoPlane,
  dynamoDiscovery,
  dynamoReplicas,
  openaiClient,
  tokens,
  vllm,
];
