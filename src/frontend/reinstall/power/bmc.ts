import type { PowerTarget } from './types.ts';

/** A board's controller, by the attributes of its machine. */
export type Bmc = {
  /** A host name or an address, with `http://` or `https://` where that was said. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** False: whatever certificate it shows is taken. */
  readonly verifiesTls: boolean;
};

const needed = ['bmc-address', 'bmc-user', 'bmc-password'] as const;

export function bmcProblems({ attributes }: PowerTarget): readonly string[] {
  return needed.filter((name) => !attributes.get(name)).map((name) => `the attribute ${name}`);
}

export function bmcOf({ attributes }: PowerTarget): Bmc {
  const [address = '', user = '', password = ''] = needed.map((name) => attributes.get(name));
  const verifiesTls = attributes.get('bmc-verify-tls') !== 'no';
  return { address, user, password, verifiesTls };
}
