import { expect, test } from 'vitest';
import { RequestTable } from '../workload/request-table.ts';
import { ProgressTeller } from './progress-teller.ts';

/** Told facts as [request, tokens, ns]; prompts of 6 and of 8 tokens, blocks of 4. */
function bench() {
  const requests = new RequestTable();
  requests.append(1, 6, 20);
  requests.append(2, 8, 20);
  const facts: number[][] = [];
  const listener = {
    outputProgress: (...fact: [number, number, number]) => void facts.push(fact),
  };
  const teller = new ProgressTeller(listener, requests, 4);
  return { teller, told: () => facts.splice(0) };
}

test('each token that begins a block is told once, however far the request has come since', () => {
  const { teller, told } = bench();
  teller.nowNs = 70;
  teller.tell(0, 2);
  expect(told()).toEqual([]);
  // Tokens 9, 13 and 17 begin a block: the third, seventh and eleventh that are generated.
  teller.tell(0, 11);
  expect(told()).toEqual([
    [0, 3, 70],
    [0, 7, 70],
    [0, 11, 70],
  ]);
  teller.nowNs = 90;
  teller.tell(0, 11);
  teller.tell(0, 9);
  teller.tell(0, 15);
  expect(told()).toEqual([[0, 15, 90]]);
});

test('behind a prompt of full blocks the first token begins one', () => {
  const { teller, told } = bench();
  teller.tell(1, 1);
  teller.tell(1, 4);
  teller.tell(1, 5);
  expect(told().map(([, tokens]) => tokens)).toEqual([1, 5]);
});
