import { LinearTiming } from './linear.ts';
import type { TimingHabits } from './timing-habits.ts';
import { DecodeCurve, PassShape, type TimingModel } from './timing-model.ts';

/** A pass with these prompt chunks, each `[chunk, prefix]`, and so many decoding requests. */
export function shapeOf(
  chunks: readonly (readonly [number, number])[],
  decodeRequests = 0,
): PassShape {
  const shape = new PassShape();
  for (const [chunk, prefix] of chunks) shape.addPrefill(chunk, prefix);
  shape.decodeRequests = decodeRequests;
  return shape;
}

/** The decode part's time at a context, read off the model's curve. */
export function onCurve(model: TimingModel, requests: number, context: number): number {
  const curve = new DecodeCurve();
  model.decodeCurve(requests, curve);
  const piece = curve.end.findIndex((end) => context <= end);
  return curve.c0[piece]! + (curve.c1[piece]! + curve.c2[piece]! * context) * context;
}

/** Decode passes that grow with requests and context alike; prompts take no time of their own. */
export const linearDecode: TimingModel = new LinearTiming({
  baseMs: 1.5,
  perPrefillTokenMs: 0,
  perPrefillContextTokenMs: 0,
  perDecodeRequestMs: 0.3,
  perDecodeContextTokenMs: 0.011,
});

/** No habit of any other program. */
export const plain: TimingHabits = { flooredPrefillMeans: false, roundedBeforeScaling: false };
