import type { Ns } from '#core/base/time.ts';
import type { HostOverhead } from './host-overhead.ts';
import { DecodeCurve, type PassShape, type TimingModel } from './timing-model.ts';
import { wholeNs } from './whole-ns.ts';

/** How long a pass takes one rank: what the timing model says of the GPU, and what the host adds. */
export class PassTime {
  readonly #model: TimingModel;
  readonly #host: HostOverhead | undefined;
  /** By number of requests, each made when it is first asked for. */
  readonly #curves: (DecodeCurve | undefined)[] = [];

  constructor(model: TimingModel, host?: HostOverhead) {
    this.#model = model;
    this.#host = host;
  }

  /** Duration of a single pass; its prefill and its decode part are rounded apart. */
  ofPass(shape: PassShape): Ns {
    const { decodeRequests } = shape;
    const decodeMs = this.#model.decodeMs(decodeRequests, shape.decodeContextTokens);
    const gpuNs = wholeNs(this.#model.prefillMs(shape)) + wholeNs(decodeMs);
    if (this.#host === undefined) return gpuNs;
    return this.#host.around(gpuNs, decodeRequests + shape.prefillRequests);
  }

  /** Duration of a pass in which `requests` requests decode and nothing else, against their context. */
  decodeCurve(requests: number): Readonly<DecodeCurve> {
    return this.#curves[requests] ?? this.#drawCurve(requests);
  }

  #drawCurve(requests: number): DecodeCurve {
    const curve = new DecodeCurve();
    this.#model.decodeCurve(requests, curve);
    this.#host?.aroundCurve(curve, requests);
    this.#curves[requests] = curve;
    return curve;
  }
}
