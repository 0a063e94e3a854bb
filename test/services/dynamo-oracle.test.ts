import { execFileSync } from 'node:child_process';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../architecture/repository.ts';
import { DYNAMO_VERSION, findDynamo } from '../peers/dynamo/python.ts';
import { needPeer } from '../shared.ts';

const STEPS = 150;

test("Dynamo's indexer, selector and slot tracker say what the live router says", (context) => {
  const installs = `Dynamo ${DYNAMO_VERSION}: npm run test:peers -- --lane dynamo-oracle installs it`;
  needPeer(context, findDynamo(), installs);
  // As a lane of its own, which keeps its services in a network of their own where that is allowed.
  const lane = ['test/peers/main.ts', '--lane', 'dynamo-oracle', '--steps', `${STEPS}`];
  const said = execFileSync(execPath, lane, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
  expect(said).toContain(`lane dynamo-oracle: equal in ${STEPS} steps`);
});
