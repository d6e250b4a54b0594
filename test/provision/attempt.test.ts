import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type ErrorCode } from '../../src/model/error.ts';
import { attempt, type Write } from '../../src/provision/attempt.ts';
import { fakeClock } from '../support/zms.ts';

type Answer = 'done' | 'there' | ErrorCode;

/** What a write ends with, how often it was sent and looked for. */
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
  ['is there', ['there'], 'there', 1],
  ['succeeds at the third try', ['ZMS_UNAVAILABLE', 'ZMS_TIMEOUT', 'done'], 'done', 3],
  ['fails three times', ['ZMS_UNREACHABLE', 'ZMS_BAD_RESPONSE', 'ZMS_TIMEOUT'], 'ZMS_TIMEOUT', 3],
  ['is refused', ['ZMS_REFUSED'], 'ZMS_REFUSED', 1],
  ['meets a quota', ['ZMS_QUOTA'], 'ZMS_QUOTA', 1],
  ['meets an owner', ['ZMS_OWNED'], 'ZMS_OWNED', 1],
  ['is forbidden', ['ZMS_FORBIDDEN'], 'ZMS_FORBIDDEN', 1],
  ['finds nothing to write to', ['ZMS_NOT_FOUND'], 'ZMS_NOT_FOUND', 1],
] as const) {
  test(`a write that ${what} ends with ${ended} after ${sent}`, async () => {
    const found = await run(answers);
    assert.deepEqual([found.ended, found.sent, found.slept.length], [ended, sent, sent - 1]);
  });
}

test('what was made a moment ago may be missing for a moment', async () => {
  assert.deepEqual((await run(['ZMS_NOT_FOUND', 'done'], { fresh: true })).ended, 'done');
});

for (const [what, answers, lookFirst, looks, expected] of [
  ['after a lost answer it is looked for, and found', ['ZMS_TIMEOUT'], false, [true], ['there', 1, 1]],
  ['after a lost answer it is looked for, and not found', ['ZMS_TIMEOUT', 'done'], false, [false], ['done', 2, 1]],
  ['what may be there is looked for first', ['done'], true, [true], ['there', 0, 1]],
  ['what is not there is written', ['done'], true, [false], ['done', 1, 1]],
  ['a look that fails for good writes nothing', ['done'], true, ['ZMS_FORBIDDEN'], ['ZMS_FORBIDDEN', 0, 1]],
  ['a look that fails for now is taken again', ['done'], true, ['ZMS_TIMEOUT', false], ['done', 1, 2]],
  [
    'no further try is sent while looking fails',
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

test('no further try begins half a minute after the first', async () => {
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
