/** A pull request, as far as deciding about it goes. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The branch it proposes, without `refs/heads/`. */
  readonly branch: string;
  /** Commit id of what it proposes; of what was merged, once it is. */
  readonly head: string;
  /** The branch it is to be merged into. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** The account that opened it. */
  readonly author: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
}

/** The labels that mean something to this program. */
export const pullLabels = {
  /** Every pull request of ours. */
  own: 'athenz-gitops',
  /** It removes access, so that leaving it open leaves access standing. */
  removal: 'athenz-gitops/removal',
  /** It has foreign commits, so it is no longer updated. */
  blocked: 'athenz-gitops/blocked',
  /** Set by a person: overwrite it, whatever has been committed to it; removed once that is done. */
  rebuild: 'athenz-gitops/rebuild',
} as const;
