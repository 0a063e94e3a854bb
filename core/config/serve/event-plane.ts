import { z } from 'zod';
import { count, describe, seconds } from '../describe.ts';

const zmqAddress = z.string().regex(/^(tcp|ipc):\/\/\S+$/);

const component = {
  url: describe(z.string().regex(/^(nats|tls):\/\/[^\s/]+$/), {
    effect: 'The NATS server.',
    allowed: 'nats://HOST:PORT or tls://HOST:PORT',
  }),
  namespace: describe(z.string().min(1).default('dynamo'), {
    effect: 'Namespace of the workers.',
    source: 'Dynamo DYN_NAMESPACE',
  }),
  component: describe(z.string().min(1).default('backend'), {
    effect: 'Component of the workers: backend, prefill or a name of your own.',
  }),
};

const endpoint = describe(z.string().min(1).default('generate'), {
  effect: 'Endpoint of the workers, which is part of the subject.',
});

const subscribeSchema = z
  .strictObject({
    zmq: describe(z.array(zmqAddress).min(1).exactOptional(), {
      effect: "Addresses of publishers: Dynamo's workers, or other routers that publish.",
      whenAbsent: 'those that discovery.dynamo finds, or none',
    }),
    nats: z
      .strictObject({ ...component, endpoint })
      .meta({ description: 'The event plane over NATS Core, which has no memory.' })
      .exactOptional(),
    jetstream: z
      .strictObject({
        ...component,
        consumer: describe(z.string().regex(/^[\w-]{1,64}$/), {
          effect: 'Name of the durable consumer; every router has one of its own.',
        }),
        snapshot_threshold: describe(count().default(1_000_000), {
          effect: 'Messages in the stream above which a snapshot takes their place.',
          source: 'Dynamo --router-snapshot-threshold',
          unit: 'messages',
        }),
      })
      .meta({ description: "Dynamo 1.0's stream of events, with a snapshot in an object bucket." })
      .exactOptional(),
  })
  .meta({ description: 'KV events of engines that tell them through the event plane.' });

const publishSchema = z
  .strictObject({
    zmq: describe(zmqAddress.exactOptional(), {
      effect: 'Where subscribers are waited for; port 0 takes a free one.',
      whenAbsent: 'nothing is published over ZMQ',
    }),
    nats: z
      .strictObject({ ...component, endpoint })
      .meta({ description: 'The event plane over NATS Core.' })
      .exactOptional(),
    repeat_secs: describe(seconds().default(60), {
      effect:
        'How often everything is told again, for those who came late or missed something; 0 = only to whoever subscribes over ZMQ.',
      unit: 's',
    }),
  })
  .meta({ description: "What this router knows from its engines' own KV events, for others." });

/** KV events through Dynamo's event plane, read and written. */
export const eventPlaneSchema = z
  .strictObject({
    subscribe: subscribeSchema.exactOptional(),
    publish: publishSchema.exactOptional(),
  })
  .meta({ description: "KV events through Dynamo's event plane, read and written." });

export type EventPlaneConfig = z.output<typeof eventPlaneSchema>;
export type PlaneSubscribeConfig = z.output<typeof subscribeSchema>;
export type PlanePublishConfig = z.output<typeof publishSchema>;
