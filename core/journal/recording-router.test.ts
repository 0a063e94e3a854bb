import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { LineWriter } from './line-writer.ts';
import { NoteWriter } from './note-writer.ts';
import { RecordingRouter } from './recording-router.ts';

/** A recorded router of two targets over a forest, and the lines that it has written. */
function bench() {
  const forest = new PromptForest(1);
  const pieces: string[] = [];
  const writer = new LineWriter((chunk) => void pieces.push(new TextDecoder().decode(chunk)));
  const router = new Router(kvOptions(2), forest, openStream(1, 'test'));
  const recorder = new RecordingRouter(router, forest, writer, (request, note) => {
    note.line = request + 10;
    note.outputTokens = 7;
    note.session = request === 0 ? -1 : 0;
    note.sessionName = 'Zoë';
    note.thinkNs = request > 1 ? 5e9 : -1;
    note.tenant = request > 2 ? 3 : -1;
    note.tenantName = 'acme';
  });
  const lines = (): string[] => {
    writer.flush();
    return pieces.splice(0).join('').split('\n').slice(0, -1);
  };
  return { forest, recorder, lines };
}

function query(request: number, leaf: number, blocks: number, rest: Partial<RouteQuery> = {}) {
  const inputTokens = blocks * 16 + 3;
  const path = { leaf, leafBlocks: blocks, totalBlocks: blocks, inputTokens };
  return { ...newRouteQuery(), request, ...path, ...rest };
}

test('a fact is a line: what is new first, then the fact, then what was decided', () => {
  const { forest, recorder, lines } = bench();
  const path = { leaf: -1, leafBlocks: 0 };
  forest.intern(Uint32Array.of(1, 2, 3), 0, 3, path);
  recorder.stored(1, 0, 2);
  recorder.arrive(query(0, 0, 3), 0);
  recorder.prefillCompleted(0, 12_345_678_901);
  recorder.freeAll(Int32Array.of(0, 4), 0, 12_345_678_901);
  recorder.freeAll(Int32Array.of(0, 4), 1, 12_345_678_902);
  expect(lines()).toEqual([
    '["n",0,-1,0,3,1,-2]',
    '["s",1,0,2]',
    '["q",0,10,7]',
    '["a",0,0,3,3,51]',
    '["d",0,1,2,2,0,0]',
    '["t",12345678901]',
    '["p",0]',
    '["t",1]',
    '["F",0]',
  ]);
});

test('sessions and tenants are named once, and columns go on to the last that is not neutral', () => {
  const { recorder, lines } = bench();
  recorder.arrive(query(1, -1, 0, { priority: 0.5 }), 0);
  recorder.arrive(query(2, -1, 0, { pinnedTarget: 5 }), 0);
  expect(lines()).toEqual([
    '["z",0,"Zoë"]',
    '["q",1,11,7,0,-1]',
    '["a",1,-1,0,0,3,0,0.5]',
    expect.stringMatching(/^\["d",1,[01],0,0,0,0\]$/),
    '["q",2,12,7,0,5000000000]',
    '["a",2,-1,0,0,3,0,0,0,5]',
    '["d",2,-1,0,0,0,2]',
  ]);
  recorder.arrive(query(3, -1, 0), 0);
  recorder.arrive(query(4, -1, 0), 0);
  expect(lines().filter((line) => /^\["[zyq]"/.test(line))).toEqual([
    '["y",0,"acme"]',
    '["q",3,13,7,0,5000000000,0]',
    '["q",4,14,7,0,5000000000,0]',
  ]);
});

test('a node is written again when its id stands for another', () => {
  const { forest, recorder, lines } = bench();
  const path = { leaf: -1, leafBlocks: 0 };
  for (const ids of [
    [1, 2],
    [8, 5, 6],
  ]) {
    forest.intern(Uint32Array.from(ids), 0, ids.length, path);
    recorder.stored(0, path.leaf, 2);
    recorder.removed(0, path.leaf, 0);
    forest.release(path.leaf);
  }
  const events = ['["s",0,0,2]', '["r",0,0,0]'];
  expect(lines()).toEqual(['["n",0,-1,0,2,1,-1]', ...events, '["n",0,-1,0,3,8,5,-1]', ...events]);
});

test('the last line counts facts and decisions, and sums the decisions up', () => {
  const { recorder, lines } = bench();
  recorder.arrive(query(0, -1, 0), 0);
  recorder.free(0, 5);
  recorder.finish();
  expect(lines().at(-1)).toMatch(
    /^\{"kind":"windtunnel\.journal\.end","facts":2,"decisions":1,"digest":"[0-9a-f]{16}"\}$/,
  );
});

test('what is no number stands behind the numbers, with its keys in order', () => {
  const { recorder, lines } = bench();
  recorder.defineTerms(0, { requiredTaints: ['h100'], allowedWorkers: [1] });
  recorder.describeTarget(1, { taints: ['h100'], worker: 4 }, 0);
  recorder.setBusyThresholds({ activePrefillTokens: 10 }, 5);
  recorder.loadReported(1, 11, -1, 3, 5);
  recorder.setAvailable(0, false, 5);
  expect(lines()).toEqual([
    '["m",0,{"allowedWorkers":[1],"requiredTaints":["h100"]}]',
    '["D",1,{"taints":["h100"],"worker":4}]',
    '["t",5]',
    '["b",{"activePrefillTokens":10}]',
    '["l",1,11,-1,3]',
    '["v",0,0]',
  ]);
});

test('a number that another session has got is another session, whose names take no more room', () => {
  const forest = new PromptForest(1);
  const pieces: string[] = [];
  const writer = new LineWriter((chunk) => void pieces.push(new TextDecoder().decode(chunk)));
  const notes = new NoteWriter(forest, writer, (request, note) => {
    note.session = request % 2;
    note.sessionSerial = request >> 1;
    note.sessionName = `s${request}`;
  });
  for (const request of [0, 1, 0, 2, 2, 3]) notes.request(request);
  writer.flush();
  const lines = pieces.join('').split('\n');
  expect(lines.filter((line) => line.startsWith('["z"'))).toEqual([
    '["z",0,"s0"]',
    '["z",1,"s1"]',
    '["z",2,"s2"]',
    '["z",3,"s3"]',
  ]);
  const sessions = lines
    .filter((line) => line.startsWith('["q"'))
    .map((line) => line.split(',')[4]);
  expect(sessions).toEqual(['0', '1', '0', '2', '2', '3']);
});
