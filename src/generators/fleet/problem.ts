import type { ErrorCode } from '../../model/error.ts';

/** Why something of a fleet stays as it is. */
export interface FleetProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
}
