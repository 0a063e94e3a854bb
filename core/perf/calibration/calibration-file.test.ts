import { expect, test } from 'vitest';
import { findGpu } from '../hardware/find-gpu.ts';
import { findModel } from '../models/find-model.ts';
import { deploymentOn } from '../pass/deployment.fixture.ts';
import { calibrationOf } from './calibration.fixture.ts';
import { readCalibration, refuseForeign } from './calibration-file.ts';

const deployment = deploymentOn('h100', 'Qwen/Qwen3-8B');

const calibration = calibrationOf(deployment);

test('what was written is read again', () => {
  expect(readCalibration(JSON.stringify(calibration), 'mine.json')).toEqual(calibration);
});

const withConstants = (constants: object) => ({
  ...calibration,
  constants: { ...calibration.constants, ...constants },
});

test.each([
  [{ ...calibration, version: 2 }, 'mine.json: version: unknown version; received 2; allowed: 1'],
  [{ ...calibration, version: undefined }, 'mine.json: version: this key is missing'],
  [withConstants({ memory_efficiency: 0 }), 'constants.memory_efficiency: this key has no use'],
  [withConstants({ frontend_ms: -1 }), 'constants.frontend_ms'],
  [withConstants({ frontent_ms: 1 }), 'did you mean "frontend_ms"?'],
  [{ ...calibration, deployment: {} }, 'deployment.model: this key is missing'],
])('%j is refused', (written, message) => {
  expect(() => readCalibration(JSON.stringify(written), 'mine.json')).toThrow(message);
});

test('a calibration of another GPU is refused, one of another model is not', () => {
  const elsewhere = { ...deployment, gpu: findGpu('h200')! };
  expect(() => refuseForeign(calibration, elsewhere, { file: 'mine.json' })).toThrow(
    'mine.json: deployment.gpu: it was made for another gpu',
  );
  refuseForeign(calibration, { ...deployment, model: findModel('Qwen/Qwen3-32B')! }, {});
});
