import { onTestFinished } from 'vitest';
import {
  type MockEnginesOptions,
  type RunningMock,
  type RunningMocks,
  startMockEngines,
} from './mock-engines.ts';

/** Mock engines for the test that is running; they are closed when that is over. */
export async function mocksOf(options: MockEnginesOptions): Promise<RunningMocks> {
  const mocks = await startMockEngines(options);
  onTestFinished(() => mocks.close());
  return mocks;
}

/** The same with one. */
export async function mockOf(options: MockEnginesOptions = {}): Promise<RunningMock> {
  const { engines } = await mocksOf(options);
  return engines[0]!;
}
