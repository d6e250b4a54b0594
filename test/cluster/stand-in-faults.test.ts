import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import { type Fault, faults, serverError, tooManyRequests } from '../support/kube/fault.ts';
import { type KubeStandIn, openKubeStandIn } from '../support/kube/stand-in.ts';

const path = '/apis/rbac.authorization.k8s.io/v1/roles';

/** The status and the body, or what became of the connection. */
async function ask(kube: KubeStandIn, signal?: AbortSignal): Promise<string> {
  const agent = new Agent({ connect: { ca: kube.caPem } });
  try {
    const headers = { authorization: 'Bearer token-of-reader' };
    const answer = await request(kube.url + path, { dispatcher: agent, headers, signal: signal ?? null });
    const body = await answer.body.text();
    return `${answer.statusCode} ${answer.headers['retry-after'] ?? ''} ${body}`;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return code === undefined || name === 'AbortError' ? name : code;
  } finally {
    await agent.destroy();
  }
}

const outcomes: Readonly<Record<string, RegExp>> = {
  'no answer': /^AbortError$/,
  'a connection that is reset': /^UND_ERR_SOCKET$|^ECONNRESET$/,
  'a reset in the middle of the body': /^UND_ERR_SOCKET$|^ECONNRESET$/,
  '429': /^429 1 .*"reason":"TooManyRequests"/,
  '500': /^500 .*"reason":"InternalError"/,
  '502 of a load balancer': /^502 .*<html>/,
  '503': /^503 .*"reason":"ServiceUnavailable"/,
  '504': /^504 .*"reason":"Timeout"/,
  'HTML with 200': /^200 .*<html>/,
  'an empty 200': /^200 {2}$/,
  'JSON that is no list': /^200 .*"kind":"Pod"/,
  'a list without items': /^200 .*"kind":"RoleList","apiVersion":"v1","metadata":\{\}\}\n$/,
};

for (const { name, fault } of faults) {
  test(`${name} is what one request gets, and the next one an answer`, async () => {
    await using kube = await openKubeStandIn();
    const gone = new AbortController();
    kube.intercept(() => {
      kube.intercept(undefined);
      if (fault.kind === 'hang') gone.abort();
      return fault;
    });
    assert.match(await ask(kube, gone.signal), outcomes[name] ?? assert.fail(`no outcome of ${name}`));
    assert.match(await ask(kube), /^200 .*"kind":"RoleList"/);
    assert.deepEqual(
      kube.requests.map(({ method, path: asked, user }) => [method, asked, user]),
      [1, 2].map(() => ['GET', path, 'reader']),
    );
  });
}

test('a fault can wait for one page of a list', async () => {
  await using kube = await openKubeStandIn();
  let pages = 0;
  const interruptions: readonly (Fault | undefined)[] = [undefined, serverError(503), tooManyRequests(7), undefined];
  kube.intercept((asked) => (asked.path === path ? interruptions[pages++] : undefined));
  const answers: string[] = [];
  for (const _ of interruptions) answers.push((await ask(kube)).slice(0, 5));
  assert.deepEqual(answers, ['200  ', '503  ', '429 7', '200  ']);
});

test('a server that restarts refuses, or breaks what it has begun, and is there again', async () => {
  await using kube = await openKubeStandIn();
  await kube.stop();
  assert.equal(await ask(kube), 'ECONNREFUSED');
  await kube.start();
  assert.match(await ask(kube), /^200 /);
  kube.drop(2);
  assert.doesNotMatch(await ask(kube), /^\d/);
  assert.doesNotMatch(await ask(kube), /^\d/);
  assert.match(await ask(kube), /^200 /);
});
