/** What somebody may do: look; decide what machines boot, too; everything. */
export type OperatorScope = 'read' | 'boot' | 'admin';

/** Who asks for something, or does it, as the audit log tells. */
export type Operator = {
  /** `local` or `local:alice` on this machine, else `token:` and the token's name. */
  readonly who: string;
  readonly scope: OperatorScope;
  /** Where the request came from; undefined for commands and the control socket. */
  readonly address: string | undefined;
};

/** All that is kept of a token but its hash. Times are milliseconds since 1970. */
export type OperatorToken = {
  readonly name: string;
  readonly scope: OperatorScope;
  readonly createdAtMs: number;
  /** Undefined: never. */
  readonly expiresAtMs: number | undefined;
  /** To the minute; undefined: it was not used yet. */
  readonly lastUsedAtMs: number | undefined;
};
