import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isChaos, seed } from '../support/tier.ts';
import { type ActionName, actions, weights } from '../support/walk/actions.ts';
import { interruptionWeights, runWith, sync } from '../support/walk/interruptions.ts';
import { checkAlways, checkSettled, lookBefore } from '../support/walk/invariants.ts';
import { openWalk, type Walk } from '../support/walk/walk.ts';

const walks = isChaos ? 6 : 2;
const steps = isChaos ? 100 : 4;

describe('the promises about pull requests hold on a random walk', {
  concurrency: true,
}, () => {
  for (let number = 0; number < walks; number++) {
    const groupBy = number % 3 === 1 ? 'namespace' : 'cluster';
    test(`${steps} random steps, one pull request per ${groupBy}, seed ${seed + number}`, async () => {
      await using walk = await openWalk(seed + number, groupBy);
      const history: string[] = [];
      try {
        for (let step = 0; step < steps; step++) await takeStep(walk, history);
      } catch (error) {
        throw new Error(`ATHENZ_GITOPS_SEED=${seed + number}, groupBy ${groupBy}:\n${history.join('\n')}`, {
          cause: error,
        });
      }
    });
  }
});

/** One action, one sync with or without an interruption, then all invariants. */
async function takeStep(walk: Walk, history: string[]): Promise<void> {
  history.push(await happen(walk));
  const interruption = walk.random.weighted(interruptionWeights);
  const before = lookBefore(walk);
  const tried = await runWith(walk, interruption, () => happen(walk));
  const told = tried.results.map((it) => it?.proposals.map(({ action, scope, reason }) => [scope, action, reason]));
  history.push(`  sync, interruption: ${interruption} ${tried.history} → ${JSON.stringify(told)}`);
  await checkAlways(walk, before);
  if (interruption !== 'none') return;
  const [result] = tried.results;
  assert.ok(result !== undefined);
  checkSettled(walk, result);
  if (walk.random.chance(0.3)) await checkIdle(walk);
}

/** One of the actions; many are not possible all the time. */
async function happen(walk: Walk): Promise<string> {
  for (;;) {
    const name: ActionName = walk.random.weighted(weights);
    try {
      return `${name}: ${await actions[name][1](walk)}`;
    } catch {
      // Something else, then.
    }
  }
}

/** A further run finds nothing to do. */
async function checkIdle(walk: Walk): Promise<void> {
  const { github } = walk.fixture;
  const [requests, pushes] = [github.requests.length, (await github.pushes()).length];
  const result = await sync(walk);
  assert.ok(result !== undefined);
  checkSettled(walk, result);
  const written = github.requests.slice(requests).filter(({ face, method }) => face === 'api' && method !== 'GET');
  assert.deepEqual(written, [], 'a second run writes nothing');
  assert.equal((await github.pushes()).length, pushes, 'a second run pushes nothing');
}
