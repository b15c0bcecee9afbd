import type { Operator } from '../operators/types.ts';

/** Something that an operator has changed. No secret may be in it. */
export type AuditEntry = {
  readonly by: Pick<Operator, 'who' | 'address'>;
  /** What was done, such as `node boot` or `token revoke`. */
  readonly action: string;
  /** The names of what was changed, such as those of nodes. */
  readonly targets: readonly string[];
  /** JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
};

/** As it is kept. */
export type AuditRecord = {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly who: string;
  /** Where the request came from; undefined: a command, or the control socket. */
  readonly address: string | undefined;
  readonly action: string;
  readonly targets: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};
