const FOREIGN = /[^a-z0-9_-]/g;
const TO_ENCODE = /[^A-Za-z0-9_-]/g;

/** A component of Dynamo: who publishes, or is routed to. */
export interface DynamoComponent {
  readonly namespace: string;
  readonly component: string;
}

/** The stream of a component's KV events in JetStream (Dynamo 1.0, lib/llm/src/kv_router/jetstream.rs). */
export function streamOf({ namespace, component }: DynamoComponent): string {
  return slug(`namespace.${namespace}.component.${component}.kv-events`);
}

/** The subject that its events are published on. */
export function queueSubjectOf(component: DynamoComponent): string {
  return `${streamOf(component)}.queue`;
}

/** The object bucket with the snapshot of its index. */
export function bucketOf({ namespace, component }: DynamoComponent): string {
  return slug(`namespace.${namespace}.component.${component}-radix-bucket`);
}

/** The snapshot in the bucket. */
export const SNAPSHOT = 'radix-state';

/** The subject of the event plane over NATS Core, today's form. */
export function planeSubjectOf(
  { namespace, component }: DynamoComponent,
  endpoint: string,
  topic: string,
): string {
  const [space, part, end, last] = [namespace, component, endpoint, topic].map(encode);
  return `namespace.${space}.component.${part}.endpoint.${end}.${last}`;
}

function slug(text: string): string {
  return text.toLowerCase().replace(FOREIGN, '_').replaceAll('_', '-');
}

function encode(segment: string): string {
  return segment.replace(TO_ENCODE, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
