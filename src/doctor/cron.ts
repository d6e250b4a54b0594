/** When a schedule starts. */
export interface Cron {
  readonly minutes: readonly number[];
  /** The longest time between two starts, in milliseconds. */
  readonly longest: number;
}

const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Reads five fields of a POSIX cron expression, in UTC as GitHub has it; undefined when it is none, or never starts. */
export function readCron(text: string): Cron | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minutes, hours, days, monthsOf, weekdays] = fields.map((field, at) => readField(field, at));
  if (!minutes || !hours || !days || !monthsOf || !weekdays) return undefined;
  const anyDay = fields[2]?.startsWith('*') === true;
  const anyWeekday = fields[4]?.startsWith('*') === true;
  const starts: number[] = [];
  // Eight years have every weekday, the 31st and a leap day.
  for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2032, 0, 1); day += 86_400_000) {
    const date = new Date(day);
    const byDay = days.includes(date.getUTCDate());
    const byWeekday = weekdays.some((it) => it % 7 === date.getUTCDay());
    // Where both are given, either will do (POSIX).
    const fits = anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
    if (!fits || !monthsOf.includes(date.getUTCMonth() + 1)) continue;
    // The first and the last of a day are all that its distance to another one depends on.
    starts.push(day + offsetOf(hours.at(0), minutes.at(0)), day + offsetOf(hours.at(-1), minutes.at(-1)));
  }
  if (starts.length === 0) return undefined;
  const within = hours.flatMap((hour) => minutes.map((minute) => offsetOf(hour, minute)));
  const nights = starts
    .filter((_, at) => at % 2 === 0)
    .slice(1)
    .map((start, at) => start - (starts[2 * at + 1] ?? start));
  return { minutes, longest: Math.max(...gaps(within), ...nights) };
}

function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, at) => time - (times[at] ?? time));
}

function offsetOf(hour = 0, minute = 0): number {
  return (hour * 60 + minute) * 60_000;
}

/** The numbers a field stands for, sorted. */
function readField(field: string, at: number): readonly number[] | undefined {
  const [least, most] = ranges[at] ?? [0, 0];
  const found = new Set<number>();
  for (const part of field.toLowerCase().split(',')) {
    const match = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, , first, last, every] = match;
    const from = first === undefined ? least : numberOf(first, at);
    const open = first === undefined || every !== undefined;
    const to = last !== undefined ? numberOf(last, at) : open ? most : from;
    const step = every === undefined ? 1 : Number(every);
    if (!(from >= least && to <= most && from <= to && step >= 1)) return undefined;
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function numberOf(text: string, at: number): number {
  if (/^\d+$/.test(text)) return Number(text);
  const list = at === 4 ? names : at === 3 ? months : [];
  const index = list.indexOf(text);
  return index === -1 ? Number.NaN : at === 3 ? index + 1 : index;
}
