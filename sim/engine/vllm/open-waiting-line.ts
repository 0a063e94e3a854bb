import { PausedFirst } from '../trtllm/paused-first.ts';
import { PriorityLine } from './priority-line.ts';
import type { RequestOrder } from './request-order.ts';
import type { VllmSettings } from './settings.ts';
import type { WaitingLine } from './waiting-line.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** The line in which the requests of a rank wait. */
export function openWaitingLine(settings: VllmSettings, order: RequestOrder): WaitingLine {
  if (!settings.byPriority) return new WaitingQueue();
  const line = new PriorityLine(order);
  return settings.victim === 'least' ? line : new PausedFirst(line);
}
