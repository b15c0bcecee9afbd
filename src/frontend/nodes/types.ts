/** As people write it; see `parseOption`. */
export type DhcpOptionValue = string | number | readonly (string | number)[];

export type BootState = 'os' | 'install' | 'booting' | 'installing' | 'failed';

/** What a machine was to boot before an operator ordered something else. */
export type BootUndo = Pick<
  MachineNode,
  'bootAction' | 'bootState' | 'bootReason' | 'stateAtMs' | 'installNumber'
> & {
  readonly orderedAtMs: number;
  /** Who ordered it, as the audit log tells; undefined: nobody in particular. */
  readonly by: string | undefined;
};

/** A machine as the database knows it. */
export type MachineNode = {
  /** Lower case letters, digits and `-`, at most 63. */
  readonly name: string;
  /** Lower case with colons; at least one. */
  readonly macs: readonly string[];
  readonly uuid: string | undefined;
  /** IPv4. */
  readonly address: string | undefined;
  readonly role: string;
  readonly rack: number | undefined;
  readonly rank: number | undefined;
  /** Which client classes are answered; undefined: what the configuration says. */
  readonly clientClasses: readonly string[] | undefined;
  /** DHCP options of its own, by name or number as people write them: `mtu`, `43`. */
  readonly dhcpOptions: Readonly<Record<string, DhcpOptionValue>>;
  /** `install`, `os`, `rescue` or any that is defined. */
  readonly bootAction: string;
  readonly bootState: BootState;
  /** Why it has failed; undefined in other states. */
  readonly bootReason: string | undefined;
  /** When it came into its state: milliseconds since 1970, 0 if that is not known. */
  readonly stateAtMs: number;
  /** Of its latest install: no other install, of whichever node, has the same. 0: there is none. */
  readonly installNumber: number;
  /** Left out once it has booted, or where its latest order cannot be taken back. */
  readonly undo?: BootUndo;
};
