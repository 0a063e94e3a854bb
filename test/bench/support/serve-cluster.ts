import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCli } from '#test/support/cli-process.ts';
import { startMockProcess } from '#test/support/mock-process.ts';
import { cpuMsOf } from './cpu-time.ts';

export interface ServeClusterOptions {
  /** The run config of the mock engines, as YAML. */
  readonly engine: string;
  /** How many, all in one process. */
  readonly workers: number;
  /** Keys of the `router` section of `serve.yaml`; default `{mode: kv_router}`. */
  readonly router?: object;
  /** A folder where each process leaves a CPU profile when it ends. */
  readonly profile?: string | undefined;
}

/** Mock engines in a process and the router before them in another, as a user starts them. */
export interface ServeCluster {
  readonly engines: readonly string[];
  readonly router: string;
  /** Processor time so far, ms; undefined where the system does not tell (only Linux does). */
  routerCpuMs(): number | undefined;
  enginesCpuMs(): number | undefined;
  close(): Promise<void>;
}

export async function startServeCluster(options: ServeClusterOptions): Promise<ServeCluster> {
  const { engine, workers, router: keys = { mode: 'kv_router' }, profile } = options;
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-'));
  const mocks = await startMockProcess({ engine, workers, flags: profiling(profile, 'engines') });
  try {
    const file = join(folder, 'serve.yaml');
    const config = { http: { port: 0 }, engines: mocks.entries, router: keys };
    writeFileSync(file, JSON.stringify(config));
    const router = await startCli(['serve', '--config', file], profiling(profile, 'router'));
    return {
      engines: mocks.entries.map(({ url }) => url),
      router: router.urls[0]!,
      routerCpuMs: () => cpuMsOf(router.pid),
      enginesCpuMs: () => cpuMsOf(mocks.pid),
      close: async () => {
        await router.close();
        await mocks.close();
      },
    };
  } catch (error) {
    await mocks.close();
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function profiling(folder: string | undefined, name: string): readonly string[] {
  if (folder === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}
