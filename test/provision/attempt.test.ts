import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type ErrorCode } from '../../src/model/error.ts';
import { attempt, type Write } from '../../src/provision/attempt.ts';
import { fakeClock } from '../support/zms.ts';

type Answer = 'done' | 'there' | ErrorCode;

/** The outcome of a write, and how often it was sent and looked up. */
async function run(answers: readonly Answer[], more: Partial<Write> = {}, looks?: readonly (boolean | ErrorCode)[]) {
  const clock = fakeClock();
  const counted = { sent: 0, looked: 0 };
  const give = <T>(answer: T | ErrorCode): T => {
    if (typeof answer === 'string' && /^[A-Z_]+$/.test(answer)) throw new AppError(answer as ErrorCode, 'failed');
    return answer as T;
  };
  const look = async () => give(looks?.[counted.looked++] ?? false);
  const write: Write = {
    send: async () => give(answers[counted.sent++] ?? 'done'),
    ...(looks === undefined ? {} : { look }),
    lookFirst: false,
    fresh: false,
    ...more,
  };
  const outcome = await attempt(write, clock);
  return { ended: 'problem' in outcome ? outcome.problem.code : outcome.kind, ...counted, slept: clock.slept };
}

for (const [what, answers, ended, sent] of [
  ['succeeds at once', ['done'], 'done', 1],
  ['already exists', ['there'], 'there', 1],
  ['succeeds at the third try', ['ZMS_UNAVAILABLE', 'ZMS_TIMEOUT', 'done'], 'done', 3],
  ['fails three times', ['ZMS_UNREACHABLE', 'ZMS_BAD_RESPONSE', 'ZMS_TIMEOUT'], 'ZMS_TIMEOUT', 3],
  ['is refused', ['ZMS_REFUSED'], 'ZMS_REFUSED', 1],
  ['hits a quota', ['ZMS_QUOTA'], 'ZMS_QUOTA', 1],
  ['hits an owned resource', ['ZMS_OWNED'], 'ZMS_OWNED', 1],
  ['is forbidden', ['ZMS_FORBIDDEN'], 'ZMS_FORBIDDEN', 1],
  ['gets not found', ['ZMS_NOT_FOUND'], 'ZMS_NOT_FOUND', 1],
] as const) {
  test(`a write that ${what} is sent ${sent}x and ends with ${ended}`, async () => {
    const actual = await run(answers);
    assert.deepEqual([actual.ended, actual.sent, actual.slept.length], [ended, sent, sent - 1]);
  });
}

test('retries not found for something just created', async () => {
  assert.deepEqual((await run(['ZMS_NOT_FOUND', 'done'], { fresh: true })).ended, 'done');
});

for (const [what, answers, lookFirst, looks, expected] of [
  ['looks up after a lost response, and finds it', ['ZMS_TIMEOUT'], false, [true], ['there', 1, 1]],
  ['looks up after a lost response, and sends again', ['ZMS_TIMEOUT', 'done'], false, [false], ['done', 2, 1]],
  ['looks up first and does not send if it exists', ['done'], true, [true], ['there', 0, 1]],
  ['looks up first and sends if it is missing', ['done'], true, [false], ['done', 1, 1]],
  ['sends nothing if the lookup fails permanently', ['done'], true, ['ZMS_FORBIDDEN'], ['ZMS_FORBIDDEN', 0, 1]],
  ['retries a lookup that fails temporarily', ['done'], true, ['ZMS_TIMEOUT', false], ['done', 1, 2]],
  [
    'does not send again while the lookup fails',
    ['ZMS_TIMEOUT', 'done'],
    false,
    ['ZMS_TIMEOUT', 'ZMS_TIMEOUT'],
    ['ZMS_TIMEOUT', 1, 2],
  ],
] as const) {
  test(what, async () => {
    const { ended, sent, looked } = await run(answers, { lookFirst }, looks);
    assert.deepEqual([ended, sent, looked], expected);
  });
}

test('starts no retry after 30 seconds', async () => {
  const clock = fakeClock();
  let sent = 0;
  const send = async () => {
    sent++;
    clock.advance(29_900);
    throw new AppError('ZMS_TIMEOUT', 'slow');
  };
  const outcome = await attempt({ send, lookFirst: false, fresh: false }, clock);
  assert.deepEqual([outcome.kind, sent], ['failed', 1]);
});
