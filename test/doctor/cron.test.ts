import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCron } from '../../src/doctor/cron.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Expressions, the longest gap between starts, and whether one is on the hour. */
const schedules: readonly (readonly [cron: string, longest: number, onTheHour: boolean])[] = [
  ['17 * * * *', hour, false],
  ['0 * * * *', hour, true],
  ['* * * * *', minute, true],
  ['*/15 * * * *', 15 * minute, true],
  ['7-59/15 * * * *', 15 * minute, false],
  ['7/15 * * * *', 15 * minute, false],
  ['7,37 * * * *', 30 * minute, false],
  ['7,20 * * * *', 47 * minute, false],
  ['17 */6 * * *', 6 * hour, false],
  ['17 8-18 * * *', 14 * hour, false],
  ['17 3 * * *', day, false],
  ['17 3 * * 1-5', 3 * day, false],
  ['17 3 * * MON-FRI', 3 * day, false],
  ['17 8-18 * * 1-5', 2 * day + 14 * hour, false],
  ['17 3 * * 0', 7 * day, false],
  ['17 3 * * 7', 7 * day, false],
  ['17 3 1 * *', 31 * day, false],
  ['17 3 1,15 * 1', 7 * day, false],
  ['17 3 1 JAN *', 366 * day, false],
  ['0 0 29 2 *', 1461 * day, true],
  ['17 3 */2 * 1', 2 * day, false],
  [' 17\t3  * * * ', day, false],
];
for (const [cron, longest, onTheHour] of schedules) {
  test(`reads "${cron}"`, () => {
    const read = readCron(cron);
    assert.equal(read?.longest, longest);
    assert.equal(read?.minutes.includes(0), onTheHour);
  });
}

test('rejects invalid schedules and ones that never start', () => {
  for (const cron of [
    '',
    '17 * * *',
    '17 * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
  ])
    assert.equal(readCron(cron), undefined, cron);
  for (const cron of [
    '@hourly',
    '-1 * * * *',
    '5-1 * * * *',
    '*/0 * * * *',
    '1,,2 * * * *',
    'x * * * *',
    '* MON * * *',
    '*/90 * * * *',
  ])
    assert.equal(readCron(cron), undefined, cron);
  assert.equal(readCron('17 3 30 2 *'), undefined);
});

test('rejects what other schedulers read and GitHub does not document', () => {
  for (const cron of [
    '@daily',
    '2030-01-01T00:00:00',
    '17 3 ? * *',
    '17 3 L * *',
    '17 3 15W * *',
    '17 3 * * MON#2',
    '17 3 * * 5L',
    '17 3 * * +1',
    '/5 * * * *',
  ])
    assert.equal(readCron(cron), undefined, cron);
});
