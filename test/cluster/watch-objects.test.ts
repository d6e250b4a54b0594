import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { ObjectQuery } from '../../src/model/object-query.ts';
import type { Fault } from '../support/kube/fault.ts';
import { serverError, tooManyRequests } from '../support/kube/fault.ts';
import { bindingOf, type KubeFixture, namespacesOf, openKubeFixture } from '../support/kube/fixture.ts';
import type { KubeRequest } from '../support/kube/server.ts';
import { json } from '../support/kube/status.ts';
import { startWatch } from '../support/kube/watching.ts';

const query: ObjectQuery = { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', namespace: 'team' };
const isWatch = ({ query }: KubeRequest) => query.get('watch') === 'true';
const openTeam = () => openKubeFixture([...namespacesOf('team', 'other'), bindingOf('team', 'first', 'user.ada')]);

/** `list`, or `watch` with the version that it begins at, of each request for the objects. */
function askedOf({ kube }: KubeFixture): readonly string[] {
  const asked = kube.requests.filter(({ path }) => path.endsWith('/namespaces/team/rolebindings'));
  return asked.map((it) => (isWatch(it) ? `watch ${it.query.get('resourceVersion')}` : 'list'));
}

/** What goes wrong with the watch requests, counted from 1. */
function intercept({ kube }: KubeFixture, faultOf: (watch: number) => Fault | undefined): void {
  let watches = 0;
  kube.intercept((request) => (isWatch(request) ? faultOf(++watches) : undefined));
}

function put({ kube }: KubeFixture, name: string, ...users: readonly string[]): void {
  kube.put([bindingOf('team', name, ...users)]);
}

test('an object that comes, changes and goes is told of, and no other', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  put(fixture, 'second', 'user.jo');
  fixture.kube.put([bindingOf('other', 'elsewhere', 'user.jo')]);
  put(fixture, 'second', 'user.jo', 'user.ada');
  fixture.kube.remove('RoleBinding', 'team', 'second');
  await watching.until('changed', 'changed', 'changed');
  assert.deepEqual(
    watching.news.map((it) => it.kind),
    ['open', 'changed', 'changed', 'changed'],
  );
  assert.deepEqual(watching.sleeps, []);
});

test('it begins with one object of a list, and asks for bookmarks and an end', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(
    await fixture.open('admin'),
    { ...query, name: 'first', labelSelector: 'sync=true' },
    { random: () => 0.5 },
  );
  await watching.until('open');
  const [list, watch] = fixture.kube.requests.filter(({ path }) => path.endsWith('/rolebindings'));
  const selectors = { fieldSelector: 'metadata.name=first', labelSelector: 'sync=true' };
  assert.deepEqual(Object.fromEntries(list?.query ?? []), { limit: '1', ...selectors });
  const { resourceVersion, ...asked } = Object.fromEntries(watch?.query ?? []);
  assert.match(String(resourceVersion), /^[1-9]\d*$/);
  assert.deepEqual(asked, { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '450', ...selectors });
});

test('what comes to match a selector, and what no longer does, is told of', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), { ...query, labelSelector: 'sync=true' });
  await watching.until('open');
  const labelled = (labels: Readonly<Record<string, string>>) => {
    const { metadata, ...binding } = bindingOf('team', 'first', 'user.ada');
    fixture.kube.put([{ ...binding, metadata: { ...metadata, labels } }]);
  };
  put(fixture, 'unlabelled', 'user.jo');
  labelled({ sync: 'true' });
  labelled({});
  await watching.until('changed', 'changed');
  assert.equal(watching.news.length, 3);
});

test('a watch that the server ends goes on from the last event, and misses nothing', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  put(fixture, 'second', 'user.jo');
  await watching.until('changed');
  const version = fixture.kube.requests.length;
  fixture.kube.intercept((request) => {
    // Between the two watches.
    if (isWatch(request) && fixture.kube.requests.length === version + 1) put(fixture, 'third', 'user.jo');
    return undefined;
  });
  fixture.kube.watches.end();
  await watching.until('ended', 'open', 'changed');
  const [list, first, second] = askedOf(fixture);
  assert.deepEqual([list, askedOf(fixture).length, watching.sleeps], ['list', 3, []]);
  assert.equal(Number(second?.split(' ')[1]) - Number(first?.split(' ')[1]), 1);
  assert.deepEqual(watching.news.at(-2), { kind: 'open', since: 'event' });
});

test('a watch without an event goes on from the last bookmark', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  for (const user of ['user.a', 'user.b', 'user.c']) fixture.kube.put([bindingOf('other', 'elsewhere', user)]);
  fixture.kube.watches.bookmark();
  fixture.kube.watches.end();
  await watching.until('ended', 'open');
  const [, first, second] = askedOf(fixture);
  assert.equal(Number(second?.split(' ')[1]) - Number(first?.split(' ')[1]), 3);
  assert.deepEqual(watching.sleeps, []);
});

for (const [what, halfLine] of [
  ['', ''],
  [' in the middle of a line', '{"type":"MODIFIED","object":{"metadata":{"resourceVersion":"999999"'],
] as const) {
  test(`a connection that breaks${what} is opened again after a moment, from the last event`, async () => {
    await using fixture = await openTeam();
    await using watching = startWatch(await fixture.open('admin'), query);
    await watching.until('open');
    put(fixture, 'second', 'user.jo');
    await watching.until('changed');
    fixture.kube.watches.cut(halfLine);
    await watching.until('lost', 'open');
    put(fixture, 'third', 'user.jo');
    await watching.until('changed');
    const lost = watching.news.find((it) => it.kind === 'lost');
    assert.equal(lost?.kind === 'lost' && lost.problem.code, 'CLUSTER_UNREACHABLE');
    const [list, first, second] = askedOf(fixture);
    assert.deepEqual([list, askedOf(fixture).length, watching.sleeps], ['list', 3, [1000]]);
    assert.equal(Number(second?.split(' ')[1]) - Number(first?.split(' ')[1]), 1);
  });
}

test('a version that has expired is listed again, and that may have hidden changes', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  fixture.kube.watches.bookmark();
  fixture.kube.watches.expire();
  await watching.until('ended', 'open');
  assert.deepEqual(watching.news.at(-1), { kind: 'open', since: 'list' });
  put(fixture, 'second', 'user.jo');
  await watching.until('changed');
  assert.deepEqual(
    askedOf(fixture).map((it) => it.split(' ')[0]),
    ['list', 'watch', 'list', 'watch'],
  );
  assert.deepEqual(watching.sleeps, []);
});

test('a version that expired before the connection is there again is listed again', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query, {
    sleeping: () => fixture.kube.expireContinueTokens(),
  });
  await watching.until('open');
  fixture.kube.watches.cut();
  // The server opens it, and says in it that it is too late.
  await watching.until('lost', 'open', 'ended', 'open');
  assert.deepEqual(watching.news.at(-1), { kind: 'open', since: 'list' });
});

test('a server that was away is asked for a new list: it may be one from a backup', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  await fixture.kube.stop();
  await watching.untilTold('lost', 2);
  await fixture.kube.start();
  await watching.until('open');
  assert.deepEqual(watching.news.at(-1), { kind: 'open', since: 'list' });
});

test('nothing stays behind on the signal that ends it', async () => {
  await using fixture = await openTeam();
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  const listeners = new Set<number>();
  for (let times = 0; times < 20; times++) {
    put(fixture, 'second', `user.${times}`);
    await watching.until('changed');
    listeners.add(getEventListeners(watching.stop.signal, 'abort').length);
    fixture.kube.watches.end();
    await watching.until('ended', 'open');
  }
  assert.equal(listeners.size, 1);
});

const status410 = json(410, { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 });

test('410 as a status, to the version of an event, is listed again at once', async () => {
  await using fixture = await openTeam();
  intercept(fixture, (watch) => (watch === 2 ? { kind: 'answer', answer: status410 } : undefined));
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('open');
  put(fixture, 'second', 'user.jo');
  await watching.until('changed');
  fixture.kube.watches.end();
  await watching.until('ended', 'ended', 'open');
  assert.deepEqual([watching.news.at(-1), watching.sleeps], [{ kind: 'open', since: 'list' }, []]);
});

test('410 to the version of a new list is tried again after 1, 2, 4 … s', async () => {
  await using fixture = await openTeam();
  intercept(fixture, (watch) => (watch <= 5 ? { kind: 'answer', answer: status410 } : undefined));
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('lost', 'lost', 'lost', 'lost', 'lost', 'open');
  assert.deepEqual(watching.sleeps, [1000, 2000, 4000, 8000, 16_000]);
  assert.equal(askedOf(fixture).filter((it) => it === 'list').length, 6);
});

const failures: readonly (readonly [string, Fault, code: string, lists: number])[] = [
  ['a connection that is reset', { kind: 'reset' }, 'CLUSTER_UNREACHABLE', 5],
  ['500', serverError(500), 'CLUSTER_UNAVAILABLE', 1],
  ['503', serverError(503), 'CLUSTER_UNAVAILABLE', 1],
  ['400', { kind: 'answer', answer: json(400, {}) }, 'CLUSTER_REFUSED', 5],
  [
    'HTML with 200',
    { kind: 'answer', answer: { ...status410, status: 200, body: Buffer.from('<html>\n') } },
    'CLUSTER_BAD_RESPONSE',
    5,
  ],
  [
    'an event without a version',
    { kind: 'answer', answer: { ...status410, status: 200, body: Buffer.from('{"type":"ADDED","object":{}}\n') } },
    'CLUSTER_BAD_RESPONSE',
    5,
  ],
  [
    'another error in the stream',
    {
      kind: 'answer',
      answer: {
        ...status410,
        status: 200,
        body: Buffer.from('{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd is away"}}\n'),
      },
    },
    'CLUSTER_UNAVAILABLE',
    5,
  ],
  [
    'an end at once',
    { kind: 'answer', answer: { ...status410, status: 200, body: Buffer.alloc(0) } },
    'CLUSTER_UNREACHABLE',
    1,
  ],
];

for (const [what, fault, code, lists] of failures) {
  test(`${what} is tried again after 1, 2 and 4 s, each sooner by chance, and from 1 s on after a success`, async () => {
    await using fixture = await openTeam();
    intercept(fixture, (watch) => (watch <= 3 || watch === 5 ? fault : undefined));
    await using watching = startWatch(await fixture.open('admin'), query, { random: () => 0.5 });
    await watching.untilTold('lost', 3);
    await watching.until('open');
    put(fixture, 'second', 'user.jo');
    await watching.until('changed');
    fixture.kube.watches.end();
    await watching.untilTold('lost', 4);
    await watching.until('open');
    assert.deepEqual(watching.sleeps, [750, 1500, 3000, 750]);
    const lost = watching.news.flatMap((it) => (it.kind === 'lost' ? [it.problem.code] : []));
    assert.deepEqual(lost, Array(4).fill(code));
    assert.equal(askedOf(fixture).filter((it) => it === 'list').length, lists);
  });
}

test('a server that asks for time is given it', async () => {
  await using fixture = await openTeam();
  intercept(fixture, (watch) => (watch === 1 ? tooManyRequests(30) : undefined));
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('lost', 'open');
  assert.deepEqual(watching.sleeps, [30_000]);
});

test('a list that cannot be read is tried again, too', async () => {
  await using fixture = await openTeam();
  let lists = 0;
  fixture.kube.intercept((request) =>
    request.path.endsWith('/rolebindings') && !isWatch(request) && ++lists <= 5 ? serverError(503) : undefined,
  );
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('lost', 'open');
  // Five tries of the session, without a moment of their own in this test.
  assert.deepEqual([lists, watching.sleeps], [6, [1000]]);
});

test('the delays end at 1,000 s', async () => {
  await using fixture = await openTeam();
  intercept(fixture, (watch) => (watch <= 12 ? { kind: 'reset' } : undefined));
  await using watching = startWatch(await fixture.open('admin'), query);
  await watching.until('lost', 'open');
  assert.deepEqual(watching.sleeps.slice(-3), [512_000, 1_000_000, 1_000_000]);
});

test('a watch that held for ten seconds without an event is opened again at once', async () => {
  await using fixture = await openTeam();
  let now = 0;
  await using watching = startWatch(await fixture.open('admin'), query, { now: () => now });
  await watching.until('open');
  now = 10_000;
  fixture.kube.watches.end();
  await watching.until('ended', 'open');
  assert.deepEqual(watching.sleeps, []);
});

const forever = () => new Promise<void>(() => {});

for (const [what, user, asked, code, next] of [
  ['403 of the watch', 'reader', query, 'CLUSTER_FORBIDDEN', /list and watch them/],
  ['403 of the list', 'nobody', query, 'CLUSTER_FORBIDDEN', /list and watch them/],
  ['a kind that is missing', 'admin', { ...query, kind: 'Widget' }, 'CLUSTER_KIND_MISSING', /correct group/],
  ['a group that is missing', 'admin', { ...query, group: 'example.com' }, 'CLUSTER_KIND_MISSING', /correct group/],
] as const) {
  test(`${what} says what to do, and is tried again later`, async () => {
    await using fixture = await openTeam();
    await using watching = startWatch(await fixture.open(user), asked, { sleeping: forever });
    await watching.until('lost');
    const [lost] = watching.news;
    assert.ok(lost?.kind === 'lost');
    assert.equal(lost.problem.code, code);
    assert.match(lost.problem.next ?? '', next);
    assert.deepEqual(watching.sleeps, [1000]);
  });
}

test('a token that has expired is renewed once, and another 401 is a failure', async () => {
  await using fixture = await openTeam();
  const unauthorized: Fault = { kind: 'answer', answer: json(401, { kind: 'Status', message: 'Unauthorized' }) };
  intercept(fixture, (watch) => (watch === 1 || watch > 2 ? unauthorized : undefined));
  await using watching = startWatch(await fixture.open('admin'), query, { sleeping: forever });
  await watching.until('open');
  put(fixture, 'second', 'user.jo');
  await watching.until('changed');
  fixture.kube.watches.end();
  await watching.until('ended', 'lost');
  const last = watching.news.at(-1);
  assert.equal(last?.kind === 'lost' && last.problem.code, 'CLUSTER_UNAUTHENTICATED');
});

for (const when of ['while it is open', 'while it waits', 'while no answer comes', 'before it begins'] as const) {
  test(`a stop ${when} ends it at once, and leaves no connection`, async () => {
    await using fixture = await openTeam();
    const session = await fixture.open('admin');
    const fault: Fault | undefined =
      when === 'while it waits' ? { kind: 'reset' } : when === 'while no answer comes' ? { kind: 'hang' } : undefined;
    const asked = Promise.withResolvers<void>();
    intercept(fixture, () => {
      asked.resolve();
      return fault;
    });
    const watching = startWatch(session, query, { sleeping: forever });
    if (when === 'before it begins') watching.stop.abort();
    if (when === 'while it is open') await watching.until('open');
    if (when === 'while it waits') await watching.until('lost');
    if (when === 'while no answer comes') await asked.promise;
    const told = watching.news.length;
    watching.stop.abort();
    await watching.ended;
    assert.equal(watching.news.length, told);
    // The server hears of it, where it had begun to answer.
    if (when === 'while it is open') {
      while (fixture.kube.watches.open > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
}
