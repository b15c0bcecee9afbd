/** For the program `dhcp-crowd.ts`. */
export type CrowdPlan = {
  readonly server: string;
  /** An address of the machine that this runs on; its port 67 is used. */
  readonly relay: string;
  /** The numbers of the machines: `first`, `first + 1` … */
  readonly first: number;
  readonly count: number;
  readonly atOnce: number;
  /** Where acknowledgements are written to. */
  readonly path: string;
  /** How often each one renews; with `release` it then gives its address back. */
  readonly renewals: number;
  readonly release: boolean;
  /** How long a machine goes on asking. */
  readonly patienceMs: number;
};

/** Of the machine with this number. */
export function macOf(index: number): string {
  const bytes = [0x52, 0x54, 1, index >> 16, (index >> 8) & 0xff, index & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
