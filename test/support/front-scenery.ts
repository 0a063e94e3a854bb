import { onTestFinished } from 'vitest';
import { startTestFront, type TestFront, type TestFrontOptions } from './front.ts';
import { type Script, type ScriptedEngine, startScriptedEngine } from './scripted-engine.ts';

/** An engine for the test that is running; it is closed when that is over. */
export async function engineThat(script: Script): Promise<ScriptedEngine> {
  const engine = await startScriptedEngine(script);
  onTestFinished(() => engine.close());
  return engine;
}

/** A front for the test that is running; it is closed before the engines that were there first. */
export async function frontOf(options: TestFrontOptions): Promise<TestFront> {
  const started = await startTestFront(options);
  onTestFinished(() => started.front.close());
  return started;
}
