import { z } from 'zod';
import { describe } from '../describe.ts';

const ZMQ_ADDRESS = /^(tcp:\/\/\S+:(\d+|\*)|ipc:\/\/\S+)$/;
const NATS_URL = /^(nats|tls):\/\/\S+$/;
const ENDPOINT = /^[^\s.]+\.[^\s.]+\.[^\s.]+$/;

/** Other routers in front of the same engines. */
export const replicasSchema = z
  .strictObject({
    transport: describe(z.enum(['zmq', 'nats']), {
      effect:
        'How the routers reach each other: zmq directly, each calling all others; nats over a server.',
      source: 'Dynamo DYN_EVENT_PLANE, with --router-replica-sync',
    }),
    bind: describe(z.string().regex(ZMQ_ADDRESS).exactOptional(), {
      effect: 'Where this router waits for the others, over ZMQ.',
      allowed: 'tcp://HOST:PORT or ipc://PATH',
      whenAbsent: 'only with transport nats',
    }),
    peers: describe(z.array(z.string().regex(ZMQ_ADDRESS)).min(1).max(1024).exactOptional(), {
      effect: 'Where the other routers wait: the bind of each of them, as it is reached from here.',
      allowed: 'a list of tcp://HOST:PORT or ipc://PATH',
      whenAbsent: 'only with transport nats',
    }),
    servers: describe(z.array(z.string().regex(NATS_URL)).min(1).max(64).exactOptional(), {
      effect: 'NATS servers of one cluster; any of them will do.',
      allowed: 'a list of nats://HOST:PORT',
      whenAbsent: 'only with transport zmq',
    }),
    credentials_file: describe(z.string().min(1).exactOptional(), {
      effect: 'Credentials for the NATS servers. It is relative to this file.',
      source: 'nsc generate creds',
      whenAbsent: 'none are shown',
    }),
    endpoint: describe(z.string().regex(ENDPOINT).exactOptional(), {
      effect: 'Routers of one endpoint hear each other, over NATS.',
      allowed: 'NAMESPACE.COMPONENT.ENDPOINT',
      source: 'Dynamo --endpoint',
      whenAbsent: 'dynamo.backend.generate',
    }),
  })
  .meta({
    description:
      'Other routers in front of the same engines, by the same names and with the same block size: each tells the others what it has sent where.',
  });

export type ReplicasConfig = z.output<typeof replicasSchema>;

/** The endpoint of routers that name none. */
export const DEFAULT_ENDPOINT = 'dynamo.backend.generate';
