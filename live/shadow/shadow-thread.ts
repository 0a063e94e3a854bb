import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ArrivalWindow } from './arrival-window.ts';
import { Forecaster } from './forecaster.ts';
import type { Forecast, Hindsight, ShadowFact, ShadowReply } from './shadow-facts.ts';
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
  const hindsights: Hindsight[] = [];
  for (const fact of facts) {
    if (fact.kind === 'sent') {
      const forecast = forecaster.sent(fact);
      if (forecast !== undefined) forecasts.push(forecast);
      continue;
    }
    const sent = forecaster.sentAs(fact.id);
    if (sent !== undefined) window?.add(sent, fact);
    const hindsight = forecaster.ended(fact);
    if (hindsight !== undefined) hindsights.push(hindsight);
  }
  reply({ handled: facts.length, forecasts, hindsights });
  if (advise !== undefined) handOn(advise.arrivals);
});

// It is there: what is sent from now on has its forecast in time.
reply({ handled: 0, forecasts: [], hindsights: [] });

function reply(message: ShadowReply): void {
  parentPort!.postMessage(message);
}

function handOn(arrivals: MessagePort): void {
  const taken = isFlying ? undefined : window?.take();
  if (taken === undefined) return;
  isFlying = true;
  arrivals.postMessage(taken);
}
