import fc from 'fast-check';
import { isChaos, seed } from './tier.ts';

fc.configureGlobal({ seed });

/** How many times a property is tried: `times` in `npm test`, ten times as many in the chaos tier. */
export function trials(times: number): number {
  return isChaos ? times * 10 : times;
}
