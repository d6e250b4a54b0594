import type { UnitId } from '../core/unit.ts';
import type { ErrorCode } from '../model/error.ts';

/** What a webhook is sent. Texts hold names from outside. */
export type NotifyEvent = StandingEvent | MergedEvent | UncountedEvent;

/** Something that stays so until a person acts. */
export type StandingEvent =
  | ({
      readonly type: 'held';
      readonly generator: string;
      readonly code: ErrorCode;
      readonly accept?: Accept;
    } & UnitId &
      Words)
  /** A proposal that a person has to look at. */
  | {
      readonly type: 'blocked';
      readonly generator: string;
      readonly scope: string;
      readonly action: 'blocked' | 'declined' | 'failed';
      readonly reason?: string;
      readonly url?: string;
    }
  /** It lasts longer than `alerts` allow. */
  | {
      readonly type: 'stale';
      readonly what: 'unread' | 'removal';
      readonly generator: string;
      readonly scope?: string;
      readonly since: string;
    }
  /** A generator that could not be planned, or a run that came to nothing. */
  | { readonly type: 'failed'; readonly generator?: string; readonly code: ErrorCode; readonly message: string };

/** What `--accept-removals` and `--accept-additions` take to approve this, with everything else that the run holds of the kind. */
export type Accept = Readonly<Partial<Record<'removals' | 'additions', string>>>;

interface Words {
  readonly message: string;
  readonly next: string;
}

/** Which commit brought a change to the base branch. */
export interface MergedBy {
  readonly commit: string;
  /** When it was made, RFC 3339. */
  readonly at: string;
  readonly author: string;
  /** Number of the pull request, as the commit's subject has it. */
  readonly pull?: number;
}

/** One entry that came to the base branch, or left it. */
export interface MergedEvent extends UnitId, MergedBy {
  readonly type: 'merged';
  readonly generator: string;
  readonly change: 'gained' | 'lost';
  /** It came as a proposal of this program, and no other commit had a part in the file. */
  readonly proposed: boolean;
  /** Of rbac: role, kind and name of the subject, what it allows. */
  readonly entry: Readonly<Record<string, string>>;
}

/** Changes that are not sent one by one: too many, of a history that was rewritten, or of one that a shallow clone does not have. */
export interface UncountedEvent {
  readonly type: 'uncounted';
  readonly why: 'too-many' | 'rewritten' | 'shallow' | 'unreadable';
  readonly from: string;
  readonly to: string;
}
