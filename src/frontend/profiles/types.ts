import type { AttributeValue, ResolvedHost } from '../attributes/types.ts';

/** What a machine's installer reads: of RHEL and its kin, of Debian, of Ubuntu; or the whole of it. */
export type ProfileOutput = 'kickstart' | 'preseed' | 'autoinstall' | 'script';

export type DeclaredType = 'text' | 'number' | 'yes-no' | 'list';

/** A place in a file; lines count from 1. */
export type Place = { readonly file: string; readonly line: number };

/** What a profile, or a fragment of it, says of an attribute that it uses. */
export type DeclaredAttribute = {
  readonly name: string;
  readonly type: DeclaredType;
  /** undefined: it has to be set. */
  readonly defaultValue: AttributeValue | undefined;
  readonly isSecret: boolean;
  readonly description: string;
  /** The only values it may have, or undefined. */
  readonly oneOf: readonly AttributeValue[] | undefined;
  /** The profile or fragment that says so. */
  readonly by: string;
  readonly place: Place;
};

/** What is known of a profile before any node's attributes are. */
export type DeclaredProfile = {
  readonly name: string;
  readonly output: ProfileOutput;
  /** `rocky9`, `debian12`: the scope `os` of attributes. */
  readonly os: string;
  /** The package tree that its nodes install from. */
  readonly tree: string;
  readonly description: string;
  /** By name, of everything that it may include, whatever the conditions say. */
  readonly attributes: ReadonlyMap<string, DeclaredAttribute>;
};

/** What a node is told beside its attributes. All URLs are on the frontend and name the install. */
export type RenderContext = {
  /** `host[:port]` of the frontend. */
  readonly frontend: string;
  /** The install's one-time token. */
  readonly token: string;
  /** As the installer says it: `x86_64`. Without it, the attribute `architecture`, else `x86_64`. */
  readonly architecture?: string;
  readonly urls: {
    readonly success: string;
    readonly failure: string;
    /** What the names of `Rendered.files` are put behind: ends with `/`. */
    readonly files: string;
  };
};

export type Rendered = {
  readonly output: ProfileOutput;
  readonly contentType: string;
  readonly text: string;
  /**
   * What belongs to it, by name, each fetched as `urls.files` + name. Preseed: `early.sh`,
   * `late.sh`, `selections`; autoinstall: `user-data` (the text itself), `meta-data`,
   * `vendor-data`, `early.sh`, `late.sh`; script: `selections`.
   */
  readonly files: ReadonlyMap<string, RenderedFile>;
};

export type RenderedFile = { readonly contentType: string; readonly text: string };

export type ProfileProblemCode =
  | 'unreadable'
  | 'bad-profile'
  | 'unknown-profile'
  | 'unknown-fragment'
  | 'cycle'
  | 'bad-template'
  | 'missing-attribute'
  | 'wrong-type'
  | 'bad-value'
  /** Nothing stands in the way, but the node will hardly be of use. */
  | 'warning';

/** One line of a ProfileError, or of `scree profile check`. */
export type ProfileProblem = {
  readonly code: ProfileProblemCode;
  readonly place: Place | undefined;
  readonly attribute: string | undefined;
  readonly message: string;
};

export type ProfileSummary = {
  readonly name: string;
  readonly file: string;
  /** What stands in the way of using it at all; the declaration otherwise. */
  readonly declared: DeclaredProfile | undefined;
  readonly problems: readonly ProfileProblem[];
};

/**
 * The profiles of some folders; a name in an earlier folder goes before the same in a later one.
 * Changed files are noticed at the next call, so nothing has to be restarted.
 */
export type Profiles = {
  /** Sorted by name. */
  readonly list: () => readonly ProfileSummary[];
  /** Throws ProfileError. */
  readonly declared: (profile: string) => DeclaredProfile;
  /** What the installer of this host gets: the whole of it, or ProfileError with every problem. */
  readonly render: (host: ResolvedHost, context: RenderContext) => Rendered;
  /** What the profile's files warn of for this host: nobody could log in, for instance. */
  readonly warnings: (host: ResolvedHost, context: RenderContext) => readonly ProfileProblem[];
  /** What belongs to no profile, such as a file whose name says nothing. */
  readonly problems: () => readonly ProfileProblem[];
};
