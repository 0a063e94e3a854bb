import type { RandomStream } from '#core/base/random.ts';
import { drawSoftmax } from '../../selection/softmax.ts';
import type { CustomPicker, Picker } from './selection.ts';

/** The pickers that need no code of a user. */
export type BuiltInPicker = Exclude<Picker, CustomPicker>;

/**
 * Scratch of the built-in pickers; each returns the place of the chosen one among scores[0 … count).
 * One candidate draws nothing from the stream, with whatever picker.
 */
export class ScorePicker {
  readonly #stream: RandomStream;
  #costs = new Float64Array(16);
  #weights = new Float64Array(16);

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  pick(picker: BuiltInPicker, scores: Float64Array, count: number): number {
    if (count === 1) return 0;
    switch (picker.kind) {
      case 'max-score':
        return this.#greatest(scores, count);
      case 'random':
        return this.#stream.nextBelow(count);
      case 'weighted-random':
        return this.#weighted(scores, count);
      case 'softmax':
        return this.#softmax(scores, count, picker.temperature);
    }
  }

  /** The greatest score; equal ones are drawn for. */
  #greatest(scores: Float64Array, count: number): number {
    let best = scores[0]!;
    let ties = 1;
    for (let place = 1; place < count; place++) {
      const score = scores[place]!;
      if (score > best) {
        best = score;
        ties = 1;
      } else if (score === best) ties++;
    }
    let skip = ties === 1 ? 0 : this.#stream.nextBelow(ties);
    for (let place = 0; ; place++) {
      if (scores[place] === best && skip-- === 0) return place;
    }
  }

  /** Uniform where nobody has a score above 0. */
  #weighted(scores: Float64Array, count: number): number {
    let total = 0;
    for (let place = 0; place < count; place++) total += Math.max(0, scores[place]!);
    if (!(total > 0)) return this.#stream.nextBelow(count);
    let left = this.#stream.nextFloat() * total;
    let last = 0;
    for (let place = 0; place < count; place++) {
      const weight = Math.max(0, scores[place]!);
      if (weight === 0) continue;
      last = place;
      left -= weight;
      if (left < 0) return place;
    }
    return last;
  }

  #softmax(scores: Float64Array, count: number, temperature: number): number {
    if (this.#costs.length < count) {
      this.#costs = new Float64Array(2 * count);
      this.#weights = new Float64Array(2 * count);
    }
    for (let place = 0; place < count; place++) this.#costs[place] = -scores[place]!;
    const uniform = this.#stream.nextFloat();
    return drawSoftmax(this.#costs, count, temperature, uniform, this.#weights);
  }
}
