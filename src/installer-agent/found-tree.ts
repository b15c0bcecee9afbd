import type { TreeState } from './open-tree.ts';

/** What requests for a tree are answered from. */
export type FoundTree =
  | TreeState
  /** The frontend has no tree of this name. */
  | { readonly kind: 'absent' }
  /** Whether there is one cannot be known now. */
  | { readonly kind: 'unreachable'; readonly reason: string };
