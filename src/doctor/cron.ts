import { Cron as Schedule } from 'croner';

/** When a schedule starts. */
export interface Cron {
  readonly minutes: readonly number[];
  /** The longest time between two starts, in milliseconds. */
  readonly longest: number;
}

const day = 86_400_000;

/** Eight years, which have every weekday, the 31st and a leap day. */
const [from, until] = [Date.UTC(2024, 0, 1), Date.UTC(2032, 0, 1)];

const value = String.raw`(?:\d+|[a-z]{3})`;
const part = String.raw`(?:\*|${value}(?:-${value})?)(?:/\d+)?`;
const field = `${part}(?:,${part})*`;
/**
 * What GitHub documents: numbers, names of months and weekdays, and the operators `*`, `,`, `-` and `/` (docs.github.com, "Events
 * that trigger workflows", schedule). The library also reads `@hourly`, dates, `L`, `W`, `#`, `?` and `+`.
 */
const syntax = new RegExp(String.raw`^${field}(?:\s+${field}){4}$`, 'i');

/**
 * Reads five fields of a cron expression, in UTC as GitHub has it where no `timezone` is set. Where both days are given, either
 * will do (POSIX).
 *
 * @returns undefined when it is none, or never starts
 */
export function readCron(text: string): Cron | undefined {
  const schedule = parse(text.trim());
  const first = schedule?.nextRun(justBefore(from));
  if (!schedule || !first) return undefined;
  const starts = startsOfDay(schedule, midnightOf(first));
  const gaps = starts.slice(1).map((start, at) => start - (starts[at] ?? start));
  for (let last = midnightOf(first) + (starts.at(-1) ?? 0); last < until; ) {
    const next = schedule.nextRun(new Date(last));
    if (next === null) break;
    gaps.push(next.getTime() - last);
    last = midnightOf(next) + (starts.at(-1) ?? 0);
  }
  return { minutes: [...new Set(starts.map((start) => (start / 60_000) % 60))], longest: Math.max(...gaps) };
}

function parse(text: string): Schedule | undefined {
  if (!syntax.test(text)) return undefined;
  try {
    // GitHub documents `20/15`, which the library takes for sloppy. Without a function to call nothing is started.
    return new Schedule(text, { mode: '5-part', utcOffset: 0, sloppyRanges: true });
  } catch {
    return undefined;
  }
}

/** Milliseconds after midnight; the same on each day that has any. */
function startsOfDay(schedule: Schedule, midnight: number): readonly number[] {
  const starts: number[] = [];
  for (const it of schedule.enumerate(justBefore(midnight))) {
    const start = it.getTime() - midnight;
    if (start >= day) break;
    starts.push(start);
  }
  return starts;
}

function midnightOf(date: Date): number {
  return date.getTime() - (date.getTime() % day);
}

function justBefore(time: number): Date {
  return new Date(time - 1);
}
