import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { conversationPath } from './support/conversation.ts';
import type { MillionFigures } from './support/fly-million.ts';
import { judge, printTable } from './support/print.ts';
import { timingOf } from './support/timing.ts';

const WHOLE = 1_000_000;
const TENTH = 100_000;
const RUNS_OF_TENTH_EACH_SIDE = 2;
const SECONDS_MAX = 60;
const PEAK_RSS_MB_MAX = 2_048;
const TIME_RATIO_MAX = 11;

const script = join('test', 'bench', 'support', 'fly-million.ts');
const root = join(import.meta.dirname, '..', '..');

/** Each flight in a process of its own, so that its memory is its own and its heap is fresh. */
function flyApart(requests: number): MillionFigures {
  const child = spawnSync(execPath, [script, String(requests)], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`the flight of ${requests} requests failed`);
  return JSON.parse(child.stdout) as MillionFigures;
}

function cells(figures: MillionFigures): string[] {
  const { requests, completed, wallS, cpuS, peakRssMb, simulatedS } = figures;
  return [
    String(requests),
    String(completed),
    wallS.toFixed(1),
    cpuS.toFixed(1),
    peakRssMb.toFixed(0),
    simulatedS.toFixed(0),
    (requests / wallS).toFixed(0),
  ];
}

/**
 * A million requests on a thousand workers with KV routing: time, memory, and what ten times the
 * requests cost. The seconds are judged as CPU time of all threads, which is what one core would
 * need; the ratio as wall time: background compiling would weigh more on the short flight.
 */
export function run(): void {
  if (conversationPath() === undefined) return;
  console.log(
    'Mooncake conversation × 84, a copy every 56.64 s of its time (62.5 overlap), at ×4;',
  );
  console.log('1000 workers, kv_router, 2048 blocks of 512, polynomial; default heap of Node');
  const flyTenths = () => Array.from({ length: RUNS_OF_TENTH_EACH_SIDE }, () => flyApart(TENTH));
  // A shared machine changes its pace within a minute: the short flights stand on both sides.
  const before = flyTenths();
  const whole = flyApart(WHOLE);
  const tenths = [...before, ...flyTenths()];
  printTable(
    ['requests', 'completed', 'wall s', 'CPU s', 'peak RSS MB', 'simulated s', 'requests/s'],
    [...tenths, whole].map(cells),
  );
  const tenth = timingOf(tenths.map(({ wallS }) => wallS * 1e3));
  judge('CPU seconds for the million', whole.cpuS, 'most', SECONDS_MAX);
  judge('peak RSS in MB', whole.peakRssMb, 'most', PEAK_RSS_MB_MAX);
  judge(
    'time of ten times the requests',
    (whole.wallS * 1e3) / tenth.medianMs,
    'most',
    TIME_RATIO_MAX,
  );
  console.log(`  where time goes: node --cpu-prof ${script} ${WHOLE}`);
}
