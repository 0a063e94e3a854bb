import { z } from 'zod';
import { describe, seconds } from '../describe.ts';
import { engineKind } from './engine-list.ts';

/** How often what does not tell of changes by itself is looked at, s. */
export const DEFAULT_INTERVAL_SECS = 1;

/** The same of names. */
const DEFAULT_LOOK_UP_SECS = 10;

const port = z.int().min(1).max(65_535);

const engineTemplate = z.strictObject({
  ...engineKind,
  kv_events_port: describe(port.exactOptional(), {
    effect: 'Where each engine publishes its KV events over ZMQ; rank 0, the others follow.',
    whenAbsent: 'nobody knows what these engines hold',
  }),
  kv_replay_port: describe(port.exactOptional(), {
    effect: 'Where KV events that were missed can be asked for again.',
    whenAbsent: 'after a gap the router forgets what an engine holds',
  }),
});

const fileSchema = z
  .strictObject({
    path: describe(z.string().min(1), {
      effect:
        'YAML or JSON file with a list of engines, as in this one. It is read again and again: engines that come to stand in it join, those that do not any more leave. It is relative to this file.',
    }),
    interval_secs: describe(seconds().positive().default(DEFAULT_INTERVAL_SECS), {
      effect: 'How often the file is read.',
      unit: 's',
    }),
  })
  .meta({ description: 'Engines that a file lists.' });

const dnsSchema = z
  .strictObject({
    name: describe(z.string().regex(/^[\w.-]{1,253}$/), {
      effect: 'The name that is looked up.',
      example: 'vllm.default.svc.cluster.local',
    }),
    record: describe(z.enum(['a', 'srv']).default('a'), {
      effect:
        'a: the addresses of the name, IPv4 and IPv6, each an engine at port; srv: the targets of the name with their ports, whatever their priorities and weights.',
    }),
    port: describe(port.exactOptional(), {
      effect: 'Where the engines answer HTTP.',
      whenAbsent: 'the ports of the SRV records',
    }),
    interval_secs: describe(seconds().positive().default(DEFAULT_LOOK_UP_SECS), {
      effect: 'How often the name is looked up.',
      unit: 's',
    }),
    server: describe(
      z
        .string()
        .regex(/^[\da-fA-F.:[\]]+$/)
        .exactOptional(),
      {
        effect: 'The DNS server to ask.',
        allowed: 'IP, IP:PORT or [IP]:PORT',
        whenAbsent:
          'what the machine asks; addresses also come from its hosts file and search domains',
      },
    ),
    engine: describe(engineTemplate.prefault({}), {
      effect: 'What is to be said of each of these engines.',
    }),
  })
  .meta({ description: 'Engines that a name of the DNS stands for.' });

const httpUrl = z.string().regex(/^https?:\/\/[^/?#\s]+(\/[^?#\s]*)?$/);

const dynamoSchema = z
  .strictObject({
    file: describe(z.string().min(1).exactOptional(), {
      effect: "Folder of Dynamo's file store. It is relative to this file.",
      source: 'Dynamo DYN_FILE_KV with DYN_DISCOVERY_BACKEND=file',
      whenAbsent: 'etcd is read',
    }),
    interval_secs: describe(seconds().positive().default(DEFAULT_INTERVAL_SECS), {
      effect: 'How often the folder is read.',
      unit: 's',
    }),
    etcd: describe(z.array(httpUrl).min(1).exactOptional(), {
      effect: 'Servers of one etcd cluster, of which one is asked at a time.',
      source: 'Dynamo ETCD_ENDPOINTS',
      example: '[http://127.0.0.1:2379]',
      whenAbsent: 'the file store is read',
    }),
    frontend: describe(httpUrl.exactOptional(), {
      effect:
        'A frontend of Dynamo that was started with --router-mode direct: it hands each request on to the worker that this router has chosen.',
      source: 'http://HOST:PORT',
      whenAbsent: 'workers are listed and cannot be sent to; their KV events are followed',
    }),
    namespace: describe(z.string().min(1).exactOptional(), {
      effect: 'Only workers of this namespace are found.',
      source: 'Dynamo DYN_NAMESPACE',
      whenAbsent: 'those of all namespaces',
    }),
    component: describe(z.string().min(1).exactOptional(), {
      effect: 'Only workers of this component are found.',
      whenAbsent: 'those of all components',
    }),
    endpoint: describe(z.string().min(1).default('generate'), {
      effect: 'The endpoint at which workers generate.',
    }),
    model: describe(z.string().min(1).exactOptional(), {
      effect: 'Only workers of this model are found.',
      whenAbsent: 'the only one that there is',
    }),
  })
  .meta({
    description: 'Workers of NVIDIA Dynamo, as its own discovery lists them; it is only read.',
  });

/** Where engines are found besides the list of the config. */
export const discoverySchema = z
  .strictObject({
    file: fileSchema.exactOptional(),
    dns: describe(z.array(dnsSchema).min(1).exactOptional(), {
      effect: 'Names of the DNS that stand for engines.',
      whenAbsent: 'no name is looked up',
    }),
    dynamo: dynamoSchema.exactOptional(),
  })
  .meta({ description: 'Where engines are found besides engines, while the router runs.' });

export type DiscoveryConfig = z.output<typeof discoverySchema>;
export type DnsDiscoveryConfig = z.output<typeof dnsSchema>;
export type DynamoDiscoveryConfig = z.output<typeof dynamoSchema>;
