import { expect, test } from 'vitest';
import { queueRejectedError, reachedLimit } from './queue-limits.ts';

const policyClass = {
  name: 'batch',
  queuePolicy: 'fcfs' as const,
  quantum: 1,
  requestLimitPerWorker: 2,
  rawTokenLimitPerWorker: 100,
  cachedTokenLimitPerWorker: 10,
};

test('limits grow with the workers, and what waits already is what counts', () => {
  const usage = { requests: 3, rawTokens: 199, cachedTokens: 19 };
  expect(reachedLimit(policyClass, usage, 2)).toBeUndefined();
  const full = { ...usage, requests: 4 };
  expect(reachedLimit(policyClass, full, 2)).toEqual({
    policyClass: 'batch',
    limitKind: 'requests',
    current: 4,
    limit: 4,
  });
  expect(reachedLimit(policyClass, full, 3)).toBeUndefined();
});

test('requests are tested before prompt tokens, and these before cached ones', () => {
  const usage = { requests: 9, rawTokens: 999, cachedTokens: 99 };
  const { requestLimitPerWorker: _requests, ...noRequests } = policyClass;
  const { rawTokenLimitPerWorker: _raw, ...cachedOnly } = noRequests;
  expect(reachedLimit(policyClass, usage, 1)?.limitKind).toBe('requests');
  expect(reachedLimit(noRequests, usage, 1)?.limitKind).toBe('raw_isl_tokens');
  expect(reachedLimit(cachedOnly, usage, 1)?.limitKind).toBe('cached_tokens');
});

test('a limit of 0 lets nobody wait', () => {
  const nothing = { requests: 0, rawTokens: 0, cachedTokens: 0 };
  const closed = { ...policyClass, requestLimitPerWorker: 0 };
  expect(reachedLimit(closed, nothing, 8)).toMatchObject({ current: 0, limit: 0 });
});

test('the error carries class, kind, current and limit', () => {
  const rejection = reachedLimit(policyClass, { requests: 7, rawTokens: 0, cachedTokens: 0 }, 3);
  const error = queueRejectedError(rejection!);
  expect(error.code).toBe('router_queue_rejected');
  expect(error.message).toBe(
    'the queue of policy class "batch" is full: 7 requests wait, the limit is 6',
  );
  expect(error.data).toEqual({
    policy_class: 'batch',
    limit_kind: 'requests',
    current: 7,
    limit: 6,
  });
});
