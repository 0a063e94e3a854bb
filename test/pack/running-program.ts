import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that serves: what it said first, and how it ends. */
export interface RunningProgram {
  readonly firstLine: string;
  /** Asks it to end by SIGTERM, and returns the exit code with all that it wrote to stderr. */
  stop(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/**
 * Starts a script on this Node, in the folder, and waits until it says on stdout that it serves. Fails
 * with its stderr where it ends instead.
 */
export async function startProgram(
  folder: string,
  script: string,
  ...args: readonly string[]
): Promise<RunningProgram> {
  const program = spawn(process.execPath, [script, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(program, 'exit') as Promise<[number | null]>;
  const said = once(program.stdout.setEncoding('utf8'), 'data') as Promise<[string]>;
  const firstLine = await Promise.race([
    said.then(([text]) => text),
    ended.then(([code]) => {
      throw new Error(`it ended with ${code} before it served: ${stderr}`);
    }),
  ]);
  return {
    firstLine,
    stop: async () => {
      const code = await endOf(program, ended);
      return { code, stderr };
    },
  };
}

async function endOf(program: ChildProcess, ended: Promise<[number | null]>) {
  program.kill('SIGTERM');
  const [code] = await ended;
  return code;
}
