import type { FileCommit } from '../model/file-commit.ts';
import type { BoundAccess } from './result.ts';

/** A file of the base branch as one commit left it. */
export interface PastVersion extends FileCommit {
  /**
   * By the binding's name; undefined for a version that cannot be read, and for the newest, which nobody asks. A file that was
   * not there binds nobody.
   */
  readonly bindings: ReadonlyMap<string, BoundAccess> | undefined;
}

/** The versions of files, newest first, as far back as was looked. */
export type History = ReadonlyMap<string, readonly PastVersion[]>;
