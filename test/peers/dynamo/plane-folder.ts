import { cpSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeOf } from './dynamo-process.ts';
import type { MockerEngine } from './mocker-engine.ts';

/** What nobody has touched for long counts as gone. */
const TOUCH_MS = 1_000;
const KV_EVENTS =
  'namespace%2Fdynamo%2Fcomponent%2Fbackend%2Fendpoint%2Fgenerate%2Ftopic%2Fkv%2Devents';

/** A publisher of the event plane, as it names itself in its messages. */
export interface PlanePublisherPlace {
  readonly id: bigint;
  readonly address: string;
}

/** A discovery folder of Dynamo that is kept alive. */
export interface PlaneFolder {
  readonly path: string;
  stop(): void;
}

/**
 * A second discovery folder in which a worker is as it is in its own, but for whoever tells of its KV
 * events: that is the given publisher, whom nobody can ask for what was before.
 */
export function writePlaneFolder(
  engine: MockerEngine,
  publisher: PlanePublisherPlace,
): PlaneFolder {
  const path = join(engine.folder, 'kv-of-another');
  const [own, copy] = [join(storeOf(engine.folder), 'v1'), join(path, 'v1')];
  for (const kind of ['instances', 'mdc']) {
    mkdirSync(join(copy, kind), { recursive: true });
    const names = readdirSync(join(own, kind)).filter((name) => !name.includes('query'));
    for (const name of names) cpSync(join(own, kind, name), join(copy, kind, name));
  }
  for (const kind of ['event_channels', 'event_sources'] as const) {
    mkdirSync(join(copy, kind), { recursive: true });
    const name = `${KV_EVENTS}%2F${publisher.id.toString(16)}`;
    writeFileSync(join(copy, kind, name), withPublisher(engine.record(kind), publisher));
  }
  const timer = setInterval(() => touchAll(copy), TOUCH_MS);
  return { path, stop: () => clearInterval(timer) };
}

/** Written over as text: ids of 64 bits do not survive JSON.parse. */
function withPublisher(record: string, { id, address }: PlanePublisherPlace): string {
  const theirs = /"(?:instance_id|publisher_id)":(\d+)/.exec(record)![1]!;
  return record
    .replaceAll(theirs, `${id}`)
    .replace(/tcp:\/\/[\d.]+:\d+/, address)
    .replace(/,"recovery_target":.*(?=\}\}$)/s, '');
}

function touchAll(folder: string): void {
  const now = new Date();
  for (const kind of readdirSync(folder)) {
    for (const name of readdirSync(join(folder, kind)))
      utimesSync(join(folder, kind, name), now, now);
  }
}
