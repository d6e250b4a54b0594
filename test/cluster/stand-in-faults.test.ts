import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import { type Fault, faults, serverError, tooManyRequests } from '../support/kube/fault.ts';
import { type KubeStandIn, openKubeStandIn } from '../support/kube/stand-in.ts';

const path = '/apis/rbac.authorization.k8s.io/v1/roles';

/** The status and body, or the connection error. */
async function get(kube: KubeStandIn, signal?: AbortSignal): Promise<string> {
  const agent = new Agent({ connect: { ca: kube.caPem } });
  try {
    const headers = { authorization: 'Bearer token-of-reader' };
    const response = await request(kube.url + path, { dispatcher: agent, headers, signal: signal ?? null });
    const body = await response.body.text();
    return `${response.statusCode} ${response.headers['retry-after'] ?? ''} ${body}`;
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
  test(`${name} affects one request only`, async () => {
    await using kube = await openKubeStandIn();
    const abort = new AbortController();
    kube.intercept(() => {
      kube.intercept(undefined);
      if (fault.kind === 'hang') abort.abort();
      return fault;
    });
    assert.match(await get(kube, abort.signal), outcomes[name] ?? assert.fail(`no outcome of ${name}`));
    assert.match(await get(kube), /^200 .*"kind":"RoleList"/);
    assert.deepEqual(
      kube.requests.map(({ method, path: requested, user }) => [method, requested, user]),
      [1, 2].map(() => ['GET', path, 'reader']),
    );
  });
}

test('faults can be injected per page of a list', async () => {
  await using kube = await openKubeStandIn();
  let pages = 0;
  const interruptions: readonly (Fault | undefined)[] = [undefined, serverError(503), tooManyRequests(7), undefined];
  kube.intercept((it) => (it.path === path ? interruptions[pages++] : undefined));
  const responses: string[] = [];
  for (const _ of interruptions) responses.push((await get(kube)).slice(0, 5));
  assert.deepEqual(responses, ['200  ', '503  ', '429 7', '200  ']);
});

test('a stopped or restarting server breaks connections and recovers', async () => {
  await using kube = await openKubeStandIn();
  await kube.stop();
  assert.equal(await get(kube), 'ECONNREFUSED');
  await kube.start();
  assert.match(await get(kube), /^200 /);
  kube.drop(2);
  assert.doesNotMatch(await get(kube), /^\d/);
  assert.doesNotMatch(await get(kube), /^\d/);
  assert.match(await get(kube), /^200 /);
});
