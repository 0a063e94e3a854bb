import { PairMap } from '#core/base/pair-map.ts';

/**
 * Names the content of engine blocks from the ids that a trace gives to its own, usually longer,
 * blocks of tokens.
 *
 *     trace block 512    │      id 7      │      id 9      │
 *     engine block 64    │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │   one id names 8 blocks: `unitBlocks`
 *     engine block 768   │           ·            │           a block's name is the pair (7, 9)
 *
 * When engine blocks do not divide trace blocks, each engine block gets a name of its own: the chain
 * of the ids that it touches, interned. Where inside them it begins follows from its position. The same
 * holds for traces whose prompts hold generated output, which ends at any token (`ConversationIds`).
 */
export class BlockIds {
  /** Engine blocks that one name stands for. */
  readonly unitBlocks: number;
  /** Names of the prompt that was converted last. */
  names: Uint32Array = new Uint32Array(64);
  /** Where in `names` that prompt begins. */
  from = 0;
  readonly #blockSize: number;
  readonly #traceBlockSize: number;
  readonly #namesUnits: boolean;
  readonly #chains = new PairMap();

  constructor(blockSize: number, traceBlockSize: number, namesSingleBlocks = false) {
    this.#blockSize = blockSize;
    this.#traceBlockSize = traceBlockSize;
    this.#namesUnits = traceBlockSize % blockSize === 0 && !namesSingleBlocks;
    this.unitBlocks = this.#namesUnits ? traceBlockSize / blockSize : 1;
  }

  /** Converts the ids that begin at `from` for a prompt of `blocks` full engine blocks. */
  convert(ids: Uint32Array, from: number, blocks: number): void {
    if (this.#namesUnits) {
      this.names = ids;
      this.from = from;
      return;
    }
    if (this.names.length < blocks) this.names = new Uint32Array(blocks * 2);
    this.from = 0;
    for (let block = 0; block < blocks; block++) {
      const first = Math.floor((block * this.#blockSize) / this.#traceBlockSize);
      const last = Math.floor(((block + 1) * this.#blockSize - 1) / this.#traceBlockSize);
      let chain = 0;
      for (let index = first; index <= last; index++)
        chain = this.#extend(chain, ids[from + index]!);
      this.names[block] = chain;
    }
  }

  #extend(chain: number, id: number): number {
    const known = this.#chains.get(chain, id);
    if (known >= 0) return known;
    const next = this.#chains.size + 1;
    this.#chains.set(chain, id, next);
    return next;
  }
}
