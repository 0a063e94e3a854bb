import { InputError } from '#core/base/errors.ts';

const TCP = /^tcp:\/\/(.+):(\d+|\*)$/;
const ANYWHERE: ReadonlySet<string> = new Set(['*', '0.0.0.0', '[::]', '::']);
const PORT_MAX = 65_535;
/** The largest message that is taken from a publisher: more would be a flood, or another protocol. */
export const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Whether an address is one to wait at instead of one to call: its host stands for every interface.
 * vLLM follows the same rule on its side, so that one of the two waits.
 */
export function waitsForPeers(address: string): boolean {
  const host = TCP.exec(address)?.[1];
  return host !== undefined && ANYWHERE.has(host);
}

/**
 * The address of a data-parallel rank: its port is the first rank's plus the rank, as vLLM, SGLang and
 * TensorRT-LLM place them.
 */
export function addressOfRank(address: string, rank: number): string {
  if (rank === 0) return address;
  const [, host, port] = TCP.exec(address) ?? [];
  const ofRank = Number(port) + rank;
  if (host === undefined || !(ofRank <= PORT_MAX)) {
    throw new InputError('config_invalid', `rank ${rank} has no port of its own`, {
      path: 'kv_events',
      received: address,
      allowed: 'tcp://HOST:PORT with a port for each rank behind it',
    });
  }
  return `tcp://${host}:${ofRank}`;
}
