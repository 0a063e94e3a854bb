import type { ReplicasStatus } from '#live/replicas/replicas-status.ts';
import { formatCount } from '#sim/report/format.ts';
import { renderAligned } from '#sim/report/text-table.ts';

const HEADER = ['peer', 'requests here', 'events', 'messages missed', 'heard'];

/** Other routers in front of the same engines, as lines of text. */
export function replicaLines(status: ReplicasStatus): readonly string[] {
  const { router_id, transport, address, links, peers } = status;
  const down = links.filter(({ up }) => !up).map((link) => link.address);
  return [
    '',
    `replicas   this is ${router_id}, reached over ${transport} at ${address}`,
    `told       ${formatCount(status.sent)} events, ${formatCount(status.dropped)} dropped, ${formatCount(status.waiting)} wait`,
    `heard      ${formatCount(status.received)} events, ${formatCount(status.repeated)} of them nothing new; ${formatCount(status.expired_requests)} requests never ended`,
    ...(status.unknown_worker > 0
      ? [`           ${formatCount(status.unknown_worker)} were of engines that are not here`]
      : []),
    ...(down.length > 0 ? [`away       ${down.join(', ')}`] : []),
    ...(peers.length === 0
      ? ['', 'no other router has been heard yet']
      : ['', ...renderAligned({ header: HEADER, rows: peers.map(rowOf) })]),
  ];
}

function rowOf(peer: ReplicasStatus['peers'][number]): string[] {
  const counts = [peer.active_requests, peer.events, peer.missed_messages];
  const ago = `${peer.heard_s_ago.toFixed(1)} s ago`;
  return [peer.router_id, ...counts.map((count) => formatCount(count)), ago];
}
