import { add, subtract, type U64 } from './u64.ts';

/** The 192 bytes of the algorithm's default secret, from the XXH3 specification. */
const DEFAULT_SECRET_HEX =
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
  'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
  '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
  'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
  'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
  '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e';

export const SECRET_BYTES = 192;

function parseHex(hex: string): DataView {
  const view = new DataView(new ArrayBuffer(SECRET_BYTES));
  for (let at = 0; at < SECRET_BYTES; at++) {
    view.setUint8(at, Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
  }
  return view;
}

export const DEFAULT_SECRET = parseHex(DEFAULT_SECRET_HEX);

const seeded = new DataView(new ArrayBuffer(SECRET_BYTES));
const scratch: U64 = { low: 0, high: 0 };
let seededLow = 0;
let seededHigh = 0;

/**
 * The secret for inputs above 240 bytes: the seed is added to every even and subtracted from every
 * odd 64-bit word. The last one made is kept, because blocks of one request share their seed.
 */
export function secretFor(seedLow: number, seedHigh: number): DataView {
  if (seedLow === 0 && seedHigh === 0) return DEFAULT_SECRET;
  if (seedLow === seededLow && seedHigh === seededHigh) return seeded;
  seededLow = seedLow;
  seededHigh = seedHigh;
  for (let at = 0; at < SECRET_BYTES; at += 8) {
    scratch.low = DEFAULT_SECRET.getUint32(at, true);
    scratch.high = DEFAULT_SECRET.getUint32(at + 4, true);
    if (at % 16 === 0) add(scratch, seedLow, seedHigh);
    else subtract(scratch, seedLow, seedHigh);
    seeded.setUint32(at, scratch.low, true);
    seeded.setUint32(at + 4, scratch.high, true);
  }
  return seeded;
}
