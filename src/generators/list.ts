import type { Generator } from '../core/generator.ts';
import { copies } from './copies/generator.ts';
import { fleet } from './fleet/generator.ts';
import { mirrors } from './mirror/generator.ts';
import { rbac } from './rbac/generator.ts';

/** What the program renders: plans, proposals, reports and the config's schema follow from this list. */
export const generators: readonly Generator[] = [rbac, copies, mirrors, fleet];
