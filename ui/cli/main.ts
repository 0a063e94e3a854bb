import { enableCompileCache } from 'node:module';
import { argv, stderr, stdout } from 'node:process';
import { describeFailure, wantsJson } from './failure.ts';
import { loneProgram } from './lone-verb.ts';
import { tuneEngine } from './tune-engine.ts';

/**
 * A reader that has seen enough (`| head`) closes the pipe; that is no failure. Anything else, as a
 * full disk behind a redirection, is one of the machine and is said where it still can be.
 */
function endOnWriteFault(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  // The stream may be the one that failed, so nothing is expected of this last word.
  stderr.removeAllListeners('error').on('error', () => undefined);
  stderr.write(`error: standard output cannot be written: ${error.message}\n`);
  process.exit(1);
}

async function main(args: readonly string[]): Promise<void> {
  tuneEngine();
  // What has been compiled once lies in the folder for temporary files: the next command starts sooner.
  enableCompileCache();
  stdout.on('error', endOnWriteFault);
  stderr.on('error', endOnWriteFault);
  try {
    const program = (await loneProgram(args)) ?? (await import('./program.ts')).createProgram();
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const { exitCode, text } = describeFailure(error, wantsJson(args));
    if (text !== '') stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}

// No handler for SIGINT: a simulation holds the thread, so only the default, which ends the process
// at once (130 to a shell), answers Ctrl-C. Outputs are renamed into place, so none is half-written.
await main(argv.slice(2));
