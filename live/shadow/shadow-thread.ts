import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ArrivalWindow } from './arrival-window.ts';
import { Forecaster } from './forecaster.ts';
import type { Forecast, ShadowFact, ShadowReply } from './shadow-facts.ts';
import type { ShadowTask } from './shadow-task.ts';

// The thread behind a Shadow: takes facts, answers with forecasts, and hands what has arrived on to the
// thread that flies other policies, where there is one.

const { config, advise } = workerData as ShadowTask;
const forecaster = new Forecaster(config);
const window = advise && new ArrivalWindow(advise.requests);
let isFlying = false;

advise?.arrivals.on('message', () => {
  isFlying = false;
});
advise?.arrivals.unref();

parentPort!.on('message', (facts: readonly ShadowFact[]) => {
  const forecasts: Forecast[] = [];
  for (const fact of facts) {
    const sent = fact.kind === 'ended' ? forecaster.sentAs(fact.id) : undefined;
    if (fact.kind === 'ended' && sent !== undefined) window?.add(sent, fact);
    const forecast = forecaster.take(fact);
    if (forecast !== undefined) forecasts.push(forecast);
  }
  parentPort!.postMessage({ handled: facts.length, forecasts } satisfies ShadowReply);
  if (advise !== undefined) handOn(advise.arrivals);
});

// It is there: what is sent from now on has its forecast in time.
parentPort!.postMessage({ handled: 0, forecasts: [] } satisfies ShadowReply);

function handOn(arrivals: MessagePort): void {
  const taken = isFlying ? undefined : window?.take();
  if (taken === undefined) return;
  isFlying = true;
  arrivals.postMessage(taken);
}
