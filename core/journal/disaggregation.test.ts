import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import { PromptForest } from '#core/tokens/prompt-forest.ts';
import { kvOptions } from '#test/reference/router-options.ts';
import { verify } from '#test/reference/written-journal.ts';
import { DecisionExplainer } from './explainer.ts';
import { LineWriter } from './line-writer.ts';
import { RecordingRouter } from './recording-router.ts';

const OPTIONS = kvOptions(2, {
  totalKvBlocks: 100,
  disaggregation: {
    policy: 'isl_or_load',
    effIslThreshold: 30,
    effIslRatioThreshold: 0.7,
    prefillBusyTokens: 1000,
    decodeBusyThreshold: 0.9,
  },
});

/** The journal of a decode pool's router: a bypass, a remote prefill with its second leg. */
function recorded(): readonly string[] {
  const pieces: string[] = [];
  const writer = new LineWriter((chunk) => void pieces.push(new TextDecoder().decode(chunk)));
  const forest = new PromptForest(1);
  const header = {
    kind: 'windtunnel.journal',
    version: 1,
    program: '',
    seed: 1,
    stream: 'test',
    unit_blocks: 1,
    router: OPTIONS,
  };
  writer.line(JSON.stringify(header));
  const router = new Router(OPTIONS, forest, openStream(1, 'test'));
  const recorder = new RecordingRouter(router, forest, writer, () => {});
  forest.intern(Uint32Array.of(1, 2, 3), 0, 3, { leaf: -1, leafBlocks: 0 });
  const path = { leaf: 0, leafBlocks: 3, totalBlocks: 3, inputTokens: 51 };
  const ask = (request: number, more: Partial<RouteQuery>): void =>
    recorder.arrive({ ...newRouteQuery(), request, ...path, ...more }, request);
  recorder.stored(1, 0, 2);
  ask(0, { mayBypass: 1, prefillTokens: 5, prefillRequests: 1, prefillCachedTokens: 16 });
  recorder.removed(1, 0, 1);
  ask(1, { mayBypass: 1, prefillTokens: 5, prefillRequests: 1, prefillCachedTokens: 16 });
  recorder.roomReserved(1, 6);
  recorder.remotelyPrefilled(1, 7);
  ask(1, {});
  recorder.handedOver(1, 9);
  recorder.finish();
  return pieces.join('').split('\n').slice(0, -1);
}

test('a journal tells what was asked, how it was judged, and what came of it', () => {
  const lines = recorded();
  expect(lines.slice(1, -1).filter((line) => !/^\["[tnq]"/.test(line))).toEqual([
    '["s",1,0,2]',
    '["a",0,0,3,3,51,0,0,0,-1,-1,-1,-1,0,1,5,1,16]',
    '["d",0,1,2,2,0,0,4]',
    '["r",1,0,1]',
    '["a",1,0,3,3,51,0,0,0,-1,-1,-1,-1,0,1,5,1,16]',
    '["d",1,-1,0,1,0,8]',
    '["V",1]',
    '["P",1]',
    '["a",1,0,3,3,51]',
    '["d",1,0,0,1,0,0]',
    '["H",1]',
  ]);
  expect(verify(lines)).toMatchObject({ whole: true, decisions: 3, difference: undefined });
});

test('a verdict that core gives in another way is a difference, even where the line has none', () => {
  const lines = recorded();
  const bypass = lines.indexOf('["d",0,1,2,2,0,0,4]');
  for (const text of ['["d",0,1,2,2,0,0,5]', '["d",0,1,2,2,0,0]']) {
    const { difference } = verify(lines.with(bypass, text));
    expect(difference).toMatchObject({ decision: 0, core: { verdict: 4 } });
  }
});

test.each([
  [0, 1, 4, { promptTokens: 51, cachedTokens: 32, potentialDecodeBlocks: 3 }],
  [1, 0, 0, { promptTokens: 51, prefillTokens: 5, prefillCachedTokens: 16, decodeRequests: 0 }],
])('the explanation of decision %i shows what was judged', (decision, target, verdict, facts) => {
  const explainer = new DecisionExplainer('journal', decision, undefined);
  explainer.push(new TextEncoder().encode(`${recorded().join('\n')}\n`));
  expect(explainer.explained).toMatchObject({ target, disaggregation: { verdict, facts } });
});

test('nothing is judged where nobody asked', () => {
  const explainer = new DecisionExplainer('journal', 2, undefined);
  explainer.push(new TextEncoder().encode(`${recorded().join('\n')}\n`));
  expect(explainer.explained?.disaggregation).toBeUndefined();
});
