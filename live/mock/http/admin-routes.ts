import type { EngineLife } from '../engine-life.ts';
import { type FaultSettings, NO_FAULTS } from '../faults.ts';
import { Fields } from './fields.ts';
import { badRequest } from './problem.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';
import type { Exchange, Routes } from './server.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const NS_PER_MS = 1_000_000;

/** What each fault may be set to. */
const RANGES: Readonly<Partial<Record<keyof FaultSettings, readonly [number, number]>>> = {
  slow: [0.001, 1e6],
  refuse: [0, 1],
  refuse_status: [400, 599],
  break_off: [0, 1],
  break_after_tokens: [0, 1e9],
  drop_events: [0, 1e9],
};

/** What an engine of flesh and blood has not: faults at will, and another pace. */
export function adminRoutes(
  life: EngineLife,
  crash: (restartAfterMs: number | undefined) => void,
): Routes {
  return {
    '/admin/fault': {
      GET: ({ response }) => sendJson(response, 200, { ...life.faults.now }),
      POST: (exchange) => setFaults(life, crash, exchange),
    },
    '/admin/config': {
      GET: ({ response }) => sendJson(response, 200, configOf(life)),
      POST: (exchange) => setConfig(life, exchange),
    },
  };
}

async function setFaults(
  life: EngineLife,
  crash: (restartAfterMs: number | undefined) => void,
  { request, response }: Exchange,
): Promise<void> {
  const body = await readJsonBody(request);
  checkNames(body, [...Object.keys(NO_FAULTS), 'crash', 'restart_after_ms', 'clear', 'for_ms']);
  const fields = new Fields(body);
  const restartAfterMs = fields.integer('restart_after_ms');
  const forMs = fields.integer('for_ms');
  const crashes = fields.boolean('crash');
  const clears = fields.boolean('clear');
  fields.check();
  const faults = { ...(clears ? NO_FAULTS : life.faults.now), ...readFaults(body) };
  const before = life.faults.now;
  change(life, faults);
  if (forMs !== undefined) {
    life.clock.wakeAt(life.clock.nowNs() + forMs * NS_PER_MS, () => change(life, { ...before }));
  }
  // A crash cuts the connection that asked for it, as a crash does.
  if (crashes) crash(restartAfterMs);
  else sendJson(response, 200, { ...life.faults.now });
}

function change(life: EngineLife, faults: FaultSettings): void {
  life.faults.now = faults;
  life.setPace();
}

function readFaults(body: JsonObject): Partial<FaultSettings> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(NO_FAULTS)) {
    const given = body[name];
    if (given === undefined) continue;
    if (typeof given !== typeof value) {
      throw badRequest(`${name} is a ${typeof value}, got ${JSON.stringify(given)}`);
    }
    const range = RANGES[name as keyof FaultSettings];
    if (range !== undefined && !(Number(given) >= range[0] && Number(given) <= range[1])) {
      throw badRequest(`${name} lies from ${range[0]} to ${range[1]}, got ${given}`);
    }
    read[name] = given;
  }
  return read;
}

async function setConfig(life: EngineLife, { request, response }: Exchange): Promise<void> {
  const body = await readJsonBody(request);
  checkNames(body, ['speed']);
  const { speed } = body;
  if (typeof speed !== 'number' || !(speed > 0)) {
    throw badRequest(`speed is a number above 0, got ${JSON.stringify(speed)}`);
  }
  life.speed = speed;
  sendJson(response, 200, configOf(life));
}

function configOf({ speed, options }: EngineLife): object {
  const { model, loras, backend, role, config, ownHashes, answerTokens } = options;
  return {
    model,
    loras,
    backend,
    role,
    speed,
    own_hashes: ownHashes,
    answer_tokens: answerTokens,
    engine: config.engine,
  };
}

function checkNames(body: JsonObject, known: readonly string[]): void {
  const foreign = Object.keys(body).find((name) => !known.includes(name));
  if (foreign === undefined) return;
  throw badRequest(`unknown: ${foreign}; known are ${[...known].sort().join(', ')}`);
}
