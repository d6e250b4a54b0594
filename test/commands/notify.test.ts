import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareText } from '../../src/model/text.ts';
import type { NotifyEvent } from '../../src/notify/event.ts';
import { signWebhook } from '../../src/notify/sign.ts';
import { standingEvents } from '../../src/notify/standing.ts';
import { type Fixture, merge, openFixture } from '../support/fixture.ts';
import { makeFolder } from '../support/folder.ts';
import { projectRoot } from '../support/generated.ts';
import { fencedBlocks } from '../support/markdown.ts';
import { reportOf } from '../support/proposal.ts';
import { gitEnv, gitIn } from '../support/repository.ts';

// The webhook: what stands is sent once, what was merged entry by entry, and nothing of it holds up a run.

const branch = 'athenz-gitops/main/prod';
const search = 'acme.eks.search';
const admins = 'k8s_ns_admins';
const secret = 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0';

interface Message {
  readonly id: string;
  /** As it came. */
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly NotifyEvent[];
}

interface Receiver extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  /** What came since the last call. */
  take(): readonly Message[];
  /** Ids of all that came, whether or not it was accepted. */
  readonly ids: readonly string[];
  /** The status of the answers from now on. */
  answer(status: number): void;
}

async function receive(): Promise<Receiver> {
  let messages: Message[] = [];
  const ids: string[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': signature } = request.headers;
    const expected = signWebhook(String(id), Number(time) * 1000, body, secret)['webhook-signature'];
    if (signature !== expected) status = 401;
    ids.push(String(id));
    if (status < 300)
      messages.push({ id: String(id), body, headers: request.headers, events: JSON.parse(body).events });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  return {
    env: {
      ...gitEnv,
      ATHENZ_GITOPS_WEBHOOK_URL: `http://127.0.0.1:${port}/hook?token=abc`,
      ATHENZ_GITOPS_WEBHOOK_SECRET: secret,
    },
    ids,
    take() {
      const taken = messages;
      messages = [];
      return taken;
    },
    answer(next) {
      status = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Runs `sync`, and gives what was told. */
async function sync(fixture: Fixture, receiver: Receiver, code = 0): Promise<readonly NotifyEvent[]> {
  await fixture.expect(code, ['sync', '--quiet'], { env: receiver.env });
  return receiver.take().flatMap(({ events }) => events);
}

const toldOf = (events: readonly NotifyEvent[]) =>
  events.map((it) =>
    it.type === 'merged' ? `${it.change} ${it.namespace} ${it.entry['role']} ${it.entry['subject']}` : it.type,
  );

test('a merged change is sent entry by entry, once, with its commit and pull request', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  assert.deepEqual(await sync(fixture, receiver), []);
  fixture.setRole(search, admins, ['user.omar']);
  assert.deepEqual(await sync(fixture, receiver), []);
  gitIn(fixture.dir, 'merge', '--quiet', '--squash', branch);
  gitIn(fixture.dir, 'commit', '--quiet', '-m', 'Let search be run by Omar (#12)');
  const events = await sync(fixture, receiver);
  assert.deepEqual(toldOf(events), [
    `lost search ${search}:role.${admins} user.dara`,
    `gained search ${search}:role.${admins} user.omar`,
  ]);
  const [lost] = events;
  assert.ok(lost?.type === 'merged');
  const { pull, commit, proposed, author, cluster, entry } = lost;
  assert.deepEqual([pull, proposed, cluster, entry['kind']], [12, false, 'prod', 'User']);
  assert.deepEqual([commit, author !== ''], [gitIn(fixture.dir, 'rev-parse', 'main').trim(), true]);
  assert.deepEqual(await sync(fixture, receiver), []);
});

test('a merge commit of a proposal is one of ours, and unrelated commits tell nothing', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  await sync(fixture, receiver);
  await fixture.commit({ 'README.md': 'hello\n' });
  fixture.setRole(search, admins, ['user.dara', 'user.omar']);
  await sync(fixture, receiver);
  gitIn(fixture.dir, 'merge', '--quiet', '--no-ff', '-m', 'Merge pull request #7 from acme/bot', branch);
  const [event, ...others] = await sync(fixture, receiver);
  assert.ok(event?.type === 'merged');
  assert.deepEqual([event.change, event.pull, event.proposed, others.length], ['gained', 7, true, 0]);
});

test('what is held or cannot be proposed is sent when it becomes so, not in each run', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  await sync(fixture, receiver);
  await fixture.commit({ 'output/prod/search/mine.yaml': 'a: 1\n' });
  const [unreadable, held, ...others] = await sync(fixture, receiver, 4);
  assert.ok(unreadable?.type === 'uncounted' && unreadable.why === 'unreadable');
  assert.ok(held?.type === 'held' && held.code === 'OUTPUT_FOREIGN' && others.length === 0);
  assert.deepEqual(await sync(fixture, receiver, 4), []);
  gitIn(fixture.dir, 'rm', '--quiet', 'output/prod/search/mine.yaml');
  gitIn(fixture.dir, 'commit', '--quiet', '-m', 'Remove mine');
  assert.deepEqual(toldOf(await sync(fixture, receiver)), ['uncounted']);
});

test('what could not be delivered is sent by the next run, under the same id', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  await sync(fixture, receiver);
  fixture.setRole(search, admins, ['user.omar']);
  await sync(fixture, receiver);
  merge(fixture.dir, branch);
  receiver.answer(503);
  const { err } = await fixture.expect(0, ['sync', '--quiet', '--log-level', 'warn'], { env: receiver.env });
  assert.equal(err, '');
  const { err: said } = await fixture.expect(0, ['sync'], { env: receiver.env });
  assert.match(said, /^warn: notifying 127\.0\.0\.1:\d+: 503; the next run tries again$/m);
  receiver.answer(204);
  assert.equal((await sync(fixture, receiver)).length, 2);
  // Two runs with three tries each, and the one that was accepted.
  assert.deepEqual([receiver.ids.length, new Set(receiver.ids).size], [7, 1]);
});

test('what becomes so a second time is another message, on the same commit too', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  for (const [members, code] of [
    [['user.dara'], 0],
    [[], 4],
    [['user.dara'], 0],
    [[], 4],
  ] as const) {
    fixture.setRole(search, admins, members);
    await sync(fixture, receiver, code);
  }
  assert.deepEqual([receiver.ids.length, new Set(receiver.ids).size], [2, 2]);
});

test('a dry run and a run that is stopped send nothing', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  await fixture.expect(1, ['sync', '--dry-run'], { env: receiver.env });
  await fixture.expect(143, ['sync'], { env: receiver.env, stop: () => AbortSignal.abort('SIGTERM') });
  assert.deepEqual(receiver.ids, []);
});

test('a loop tells of a failure once, until a run succeeds', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  const stop = new AbortController();
  let now = Date.now();
  let pauses = 0;
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  await fixture.expect(0, ['watch', '--listen', '127.0.0.1:0', '--poll', 'off'], {
    env: receiver.env,
    stop: () => stop.signal,
    clock: {
      now: () => now,
      async sleep(milliseconds) {
        now += milliseconds;
        // Not the wait of a read for its next try.
        if (milliseconds < 4000 && !Number.isInteger(milliseconds)) return;
        pauses++;
        fixture.sandbox.intercept(pauses === 3 ? undefined : () => ({ kind: 'reset' }));
        if (pauses === 6) stop.abort('SIGTERM');
      },
    },
  });
  const codes = receiver.take().flatMap(({ events }) => events.map(({ type }) => type));
  assert.deepEqual(codes, ['failed', 'failed']);
});

test('a rewritten base is reported as such, and the stream goes on from there', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  await sync(fixture, receiver);
  gitIn(fixture.dir, 'commit', '--quiet', '--amend', '-m', 'Rewritten');
  const events = await sync(fixture, receiver);
  assert.deepEqual(
    events.map((it) => (it.type === 'uncounted' ? it.why : it.type)),
    ['rewritten'],
  );
  assert.deepEqual(await sync(fixture, receiver), []);
});

test('a run that comes to nothing is reported', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  const [event] = await sync(fixture, receiver, 1);
  assert.ok(event?.type === 'failed' && event.code === 'ZMS_UNREACHABLE');
});

for (const [name, env] of [
  ['no secret', { ATHENZ_GITOPS_WEBHOOK_URL: 'https://hooks.example.com/x' }],
  [
    'plain http',
    { ATHENZ_GITOPS_WEBHOOK_URL: 'http://hooks.example.com/x', ATHENZ_GITOPS_WEBHOOK_SECRET: '0123456789abcdef' },
  ],
] as const) {
  test(`a webhook with ${name} is ignored with a warning`, async () => {
    await using fixture = await openFixture({ rendered: true });
    for (const quiet of [[], ['--quiet']]) {
      const { err } = await fixture.expect(0, ['sync', ...quiet], { env: { ...gitEnv, ...env } });
      assert.match(err, /^warn: ATHENZ_GITOPS_WEBHOOK_URL is ignored: /m);
      assert.doesNotMatch(err, /hooks\.example/);
    }
  });
}

const page = await readFile(join(projectRoot, 'docs/reference/notifications.md'), 'utf8');

/** The keys of a value and of what it holds, with the kinds of their values. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return 'list';
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, it]) => [key, shapeOf(it)] as const)
      .sort(([a], [b]) => compareText(a, b)),
  );
}

test('docs/reference/notifications.md has each event as it is sent, and how to verify it', async () => {
  await using receiver = await receive();
  await using fixture = await openFixture({ rendered: true });
  await sync(fixture, receiver);
  fixture.setRole(search, 'k8s_ns_viewers', ['user.omar']);
  await sync(fixture, receiver);
  gitIn(fixture.dir, 'merge', '--quiet', '--no-ff', '-m', 'Merge pull request #7 from acme/bot', branch);
  fixture.setRole(search, admins, []);
  await fixture.commit({ 'output/prod/search/mine.yaml': 'a: 1\n' });
  await fixture.expect(4, ['sync', '--quiet'], { env: receiver.env });
  const [message, ...others] = receiver.take();
  assert.ok(message !== undefined && others.length === 0);
  fixture.sandbox.intercept(() => ({ kind: 'reset' }));
  const failed = await sync(fixture, receiver, 1);
  const generated = standingEvents(
    reportOf([], {
      proposals: [
        {
          generator: 'rbac',
          scope: 'prod',
          branch,
          action: 'declined',
          reason: 'closed',
          pull: { number: 7, url: 'u', state: 'closed' },
        },
      ],
      alerts: [
        { kind: 'unread', generator: 'rbac', parts: 2, since: 't' },
        { kind: 'removal', generator: 'rbac', scope: 'prod', since: 't' },
      ],
      failed: [{ generator: 'copies', problem: { code: 'GIT_FAILED', message: 'no' } }],
    }),
  );
  const [envelope = '', events = ''] = fencedBlocks(page, 'json');
  assert.deepEqual(shapeOf(JSON.parse(envelope)), shapeOf(JSON.parse(message.body)));
  const told = (all: readonly object[]) =>
    [...new Set(all.map((it) => JSON.stringify(shapeOf(it)) + Reflect.get(it, 'type')))].sort();
  assert.deepEqual(told(JSON.parse(events)), told([...message.events, ...failed, ...generated]));

  const [script = ''] = fencedBlocks(page, 'js');
  const { isGenuine } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const body = Buffer.from(message.body);
  assert.equal(isGenuine(message.headers, body, secret), true);
  assert.equal(isGenuine(message.headers, Buffer.concat([body, Buffer.from(' ')]), secret), false);
  assert.equal(isGenuine({ ...message.headers, 'webhook-timestamp': '1' }, body, secret), false);
  assert.equal(isGenuine(message.headers, body, `${secret}c2Vj`), false);
});

test('docs/reference/notifications.md computes the signature in a shell, too', async () => {
  await using folder = await makeFolder();
  const { dir } = folder;
  await writeFile(join(dir, 'body.json'), '{"a": "ü"}');
  const env = { PATH: process.env['PATH'], ATHENZ_GITOPS_WEBHOOK_SECRET: secret, id: 'msg_1', timestamp: '1614265330' };
  const printed = execFileSync('sh', ['-ec', fencedBlocks(page, 'sh')[0] ?? ''], { cwd: dir, env, encoding: 'utf8' });
  assert.equal(printed.trim(), signWebhook('msg_1', 1_614_265_330_000, '{"a": "ü"}', secret)['webhook-signature']);
});
