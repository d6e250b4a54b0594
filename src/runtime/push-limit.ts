/** How often remotes are pushed to, over all runs of a process. */
export interface PushLimit {
  /** A push begins. @param now milliseconds since the epoch */
  count(remote: string, now: number): void;
  /** Whether one more may be made now. Whoever hears no waits until `due`. */
  allows(remote: string, now: number): boolean;
  /** When what had to wait may be pushed, milliseconds since the epoch; undefined where nothing had to since this was asked last. */
  due(): number | undefined;
}

const minute = 60_000;

/** @param most pushes to one remote within a minute */
export function openPushLimit(most: number): PushLimit {
  const pushes = new Map<string, readonly number[]>();
  let waits: number | undefined;
  /** Those of the last minute; a clock that was set back forgets those of later. */
  const recent = (remote: string, now: number) =>
    (pushes.get(remote) ?? []).filter((it) => it > now - minute && it <= now);
  return {
    count(remote, now) {
      pushes.set(remote, [...recent(remote, now), now]);
    },
    allows(remote, now) {
      const made = recent(remote, now);
      if (made.length < most) return true;
      // Then there is room for all: for one at a time, it would take as many runs.
      waits = Math.max(waits ?? 0, (made.at(-1) ?? now) + minute);
      return false;
    },
    due() {
      const at = waits;
      waits = undefined;
      return at;
    },
  };
}
