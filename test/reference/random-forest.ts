import * as fc from 'fast-check';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/** A random forest of `nodes` extents, each of 1…maxLength blocks, with a few roots. */
export function forestArbitrary(nodes: number, maxLength: number): fc.Arbitrary<BlockForest> {
  const node = fc.record({
    length: fc.integer({ min: 1, max: maxLength }),
    parent: fc.nat(),
    attach: fc.nat(),
    isRoot: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
  });
  return fc.array(node, { minLength: nodes, maxLength: nodes }).map((drawn) => {
    const parent = new Int32Array(nodes);
    const attach = new Int32Array(nodes);
    const length = new Int32Array(nodes);
    for (const [id, shape] of drawn.entries()) {
      length[id] = shape.length;
      parent[id] = id === 0 || shape.isRoot ? -1 : shape.parent % id;
      attach[id] = parent[id]! < 0 ? 0 : shape.attach % (length[parent[id]!]! + 1);
    }
    return { parent, attach, length };
  });
}

/** The prompt's blocks in order, each as the name `node:offset`. */
export function promptBlocks(forest: BlockForest, leaf: number, leafBlocks: number): string[] {
  const blocks: string[] = [];
  let used = leafBlocks;
  for (let node = leaf; node >= 0; node = forest.parent[node]!) {
    for (let offset = used - 1; offset >= 0; offset--) blocks.push(`${node}:${offset}`);
    used = forest.attach[node]!;
  }
  return blocks.reverse();
}

/** How many leading blocks of the prompt are in the set. */
export function leadingBlocks(prompt: readonly string[], held: ReadonlySet<string>): number {
  const gap = prompt.findIndex((block) => !held.has(block));
  return gap < 0 ? prompt.length : gap;
}
