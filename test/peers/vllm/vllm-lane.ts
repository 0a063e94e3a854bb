import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDynamo } from '../dynamo/python.ts';
import type { Lane, Verdict } from '../lane.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { ForwardPasses } from './forward-passes.ts';
import { provideVllm } from './python.ts';
import { flyVllm } from './vllm-flight.ts';
import { VllmServer } from './vllm-server.ts';

/** KV blocks of a server: too few for all documents of a load. */
const BLOCKS = 96;
const SCHEDULER = 'dynamo.vllm.instrumented_scheduler.InstrumentedScheduler';

/** Two real vLLM servers behind the router: minutes, most of them imports of Python. */
export const vllm: Lane = {
  name: 'vllm',
  isApart: true,
  prepare: (isNamed) => void provideVllm(isNamed),
  run: async () => {
    const python = provideVllm(false);
    const model = writeTinyModel();
    const packages = dynamoPackage();
    const shared = { python, model, blocks: BLOCKS };
    const scheduler = packages === undefined ? undefined : { name: SCHEDULER, path: packages };
    const servers = await Promise.all([
      VllmServer.start(shared),
      VllmServer.start({ ...shared, ...(scheduler && { scheduler }) }),
    ]);
    const passes = scheduler && new ForwardPasses(servers[1].passes);
    try {
      return verdictOf(await flyVllm(servers, model, passes), passes !== undefined);
    } finally {
      passes?.close();
      await Promise.all(servers.map((server) => server.stop()));
      for (const folder of [model, packages]) if (folder) rmSync(folder, { recursive: true });
    }
  },
};

/** A folder with Dynamo's Python package alone, beside which vLLM finds its own libraries. */
function dynamoPackage(): string | undefined {
  const python = findDynamo();
  if (python === undefined) return undefined;
  const where = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
  const site = execFileSync(python, ['-c', where], { encoding: 'utf8' }).trim();
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-dynamo-package-'));
  for (const name of ['dynamo', 'ai_dynamo-1.6.1.dist-info']) {
    symlinkSync(join(site, name), join(folder, name));
  }
  return folder;
}

function verdictOf(found: readonly string[], hasPasses: boolean): Verdict {
  const lines = hasPasses
    ? found
    : [...found, 'forward passes not read: Dynamo 1.6.1 is not installed'];
  const wrong = lines.some((line) => line.startsWith('WRONG'));
  return { passed: !wrong, text: lines.join('\n  ') };
}
