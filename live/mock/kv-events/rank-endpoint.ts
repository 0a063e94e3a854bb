/**
 * The address of a rank, from that of the first: TCP ports count up by the rank, other names get a
 * suffix. A port that the system chooses (`*` or 0) it chooses for each.
 */
export function endpointOfRank(endpoint: string, rank: number): string {
  const tcp = /^(tcp:\/\/.*):(\d+|\*)$/.exec(endpoint);
  if (tcp === null) return rank === 0 ? endpoint : `${endpoint}_dp${rank}`;
  const [, host, port] = tcp;
  if (port === '*' || port === '0') return `${host}:*`;
  return `${host}:${Number(port) + rank}`;
}
