/** How machines are switched off and on again. */
export type Power = {
  /** One line for each thing that keeps it from working with its machines; none: it is ready. */
  readonly problems: () => Promise<readonly string[]>;
  /** What it will do with a machine, for people; no secret is in it. */
  readonly describe: (name: string) => string;
  /** Resolves when the machine was told to start anew. Rejects with PowerError. */
  readonly cycle: (name: string, signal: AbortSignal) => Promise<void>;
};

/** A machine, and all that its switch may need to know. */
export type PowerTarget = {
  readonly name: string;
  readonly mac: string;
  readonly address: string | undefined;
  /** Texts by name, secrets too. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The text without the machine's secrets. */
  readonly hideSecrets: (text: string) => string;
};

/** One way of switching, for any machine. */
export type PowerMethod = {
  /** What this machine lacks. */
  readonly problems: (target: PowerTarget) => readonly string[];
  readonly describe: (target: PowerTarget) => string;
  readonly cycle: (target: PowerTarget, signal: AbortSignal) => Promise<void>;
};
