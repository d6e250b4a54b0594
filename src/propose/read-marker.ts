import { z } from 'zod';
import type { Marker } from '../model/marker.ts';
import { ownerPattern } from '../model/owner.ts';

/*
 * Who may edit a pull request may write anything into its body. What this program cannot have written counts as absent, each
 * field by itself.
 */

/**
 * Reads the marker of a body: the last line that is one, as other tools may have added text below it. Undefined where there
 * is none, as after an edit that lost it.
 *
 * @param now milliseconds since the epoch: nothing has happened later
 */
export function readMarker(body: string, now: number): Marker | undefined {
  const read = body
    .split(/\r?\n/)
    .map(parseLine)
    .findLast((it) => it !== undefined);
  return read === undefined ? undefined : markerSchema(now).parse(read);
}

/** A body without its markers. */
export function withoutMarker(body: string): string {
  const lines = body.split(/\r?\n/).filter((line) => parseLine(line) === undefined);
  return lines.join('\n').trimEnd();
}

function markerSchema(now: number) {
  const past = z.iso.datetime().refine((time) => Date.parse(time) <= now);
  return z.object({
    owner: orAbsent(z.string().regex(ownerPattern)),
    scope: orAbsent(z.string()),
    base: orAbsent(z.string()),
    digest: orAbsent(z.string().regex(/^sha256:[0-9a-f]{64}$/)),
    polled: orAbsent(past),
    text: orAbsent(z.string().regex(/^[0-9a-f]{16}$/)),
    removals: orAbsent(past),
    closed: orAbsent(z.literal(true)),
  } satisfies Record<keyof Marker, z.ZodType>);
}

function orAbsent<T extends z.ZodType>(field: T) {
  return field.optional().catch(undefined);
}

function parseLine(line: string): object | undefined {
  const json = /^<!-- athenz-gitops v1 (\{.*\}) -->\s*$/.exec(line)?.[1];
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
