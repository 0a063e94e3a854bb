import { z } from 'zod';
import { describe, seconds } from '../describe.ts';

/** How often what does not tell of changes by itself is looked at, s. */
export const DEFAULT_INTERVAL_SECS = 1;

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
    dynamo: dynamoSchema.exactOptional(),
  })
  .meta({ description: 'Where engines are found besides engines, while the router runs.' });

export type DiscoveryConfig = z.output<typeof discoverySchema>;
export type DynamoDiscoveryConfig = z.output<typeof dynamoSchema>;
