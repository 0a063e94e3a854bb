import { parentPort, workerData } from 'node:worker_threads';
import type { AdviseTask, Arrival } from '#live/shadow/advice.ts';
import { adviseOn } from './advise-window.ts';

// The thread in which the shadow of a live router flies other policies; it stands here because policy
// files of users are loaded here.

const { policies, arrivals } = workerData as AdviseTask;

arrivals.on('message', (window: readonly Arrival[]) => {
  parentPort!.postMessage(adviseOn(policies, window));
  arrivals.postMessage('flown');
});
