/*
 * Checks of JSON by hand, for what a fleet has hundreds of thousands of: a schema says the same and names what is wrong, at ten times
 * the cost. Each may refuse what its schema takes, which is then asked, and takes nothing that its schema refuses.
 */

type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === 'string';
export const isFlag: Check = (value) => typeof value === 'boolean';
export const isInteger: Check = (value) => Number.isSafeInteger(value);
export const isFalse: Check = (value) => value === false;
/** A text that `Date.parse` takes. */
export const isTimestamp: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

/** Also null, or not there at all. */
export function orNone(check: Check): Check {
  return (value) => value === undefined || value === null || check(value);
}

/** Not there at all, or a value: null is neither. */
export function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (const item of value) if (!check(item)) return false;
    return true;
  };
}

/** An object with at least these fields. */
export function fields(checks: Readonly<Record<string, Check>>): Check {
  const all = Object.entries(checks);
  return (value) => {
    if (!isObject(value)) return false;
    for (const [name, check] of all) if (!check(value[name])) return false;
    return true;
  };
}

/** An object with these fields and no others. */
export function exactly(checks: Readonly<Record<string, Check>>): Check {
  const all = new Map(
    Object.entries(checks).map(([name, check]) => [name, { check, needed: check(undefined) ? 0 : 1 }]),
  );
  const needed = [...all.values()].reduce((sum, it) => sum + it.needed, 0);
  return (value) => {
    if (!isObject(value)) return false;
    let found = 0;
    // By the fields that are there: most of those that may be are not.
    for (const name in value) {
      const field = all.get(name);
      if (field === undefined || !field.check(value[name])) return false;
      found += field.needed;
    }
    return found === needed;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
