import { targetOf } from '../attributes/layers.ts';
import type { AttributeChange } from '../attributes/store.ts';
import type { AuditEntry } from './types.ts';

type What = Pick<AuditEntry, 'action' | 'targets' | 'detail'>;

/**
 * What a change of attributes is to the audit log. Their names are kept, not their values: one that
 * was not marked as a secret at first may be marked later. Targets are nodes by name, and other
 * scopes as `global`, `os rocky9`, `role compute`, `rack 2`.
 */
export function describeAttributeChanges(changes: readonly AttributeChange[]): readonly What[] {
  const kinds = Map.groupBy(changes, ({ value }) => (value === undefined ? 'unset' : 'set'));
  return [...kinds].map(([kind, some]) => ({
    action: `attr ${kind}`,
    targets: [...new Set(some.map(scopeOf))],
    detail: { names: [...new Set(some.map(({ name }) => name))] },
  }));
}

function scopeOf({ scope }: AttributeChange): string {
  if (scope.kind === 'node') return scope.target;
  return `${scope.kind} ${targetOf(scope)}`.trim();
}
