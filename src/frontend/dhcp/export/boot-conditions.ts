import type { BootFileRule } from '../types.ts';

/** A part of a rule that other servers can test too. */
export type PlainCondition =
  | { readonly kind: 'architectures'; readonly values: readonly number[] }
  | { readonly kind: 'no-architecture' }
  | { readonly kind: 'vendor-class'; readonly prefix: string }
  | { readonly kind: 'user-class'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string; readonly macs: readonly string[] }
  | { readonly kind: 'bootp' };

export type BootCondition = PlainCondition | { readonly kind: 'not'; readonly of: PlainCondition };

/** Conditions that all have to hold. */
export type Conjunction = readonly BootCondition[];

const iPxe: PlainCondition = { kind: 'user-class', name: 'iPXE' };
const pxe = vendor('PXEClient');
const httpBoot = vendor('HTTPClient');
const appleFirmware = vendor('AAPLBSDPC/ppc');
const openFirmware: PlainCondition = { kind: 'architectures', values: [12] };
const debianInstaller = vendor('d-i');
const anaconda = vendor('anaconda');
const bootp: PlainCondition = { kind: 'bootp' };

/** What comes nearest where only the frontend looks at the whole packet: any of these. */
const kinds: Readonly<Record<NonNullable<BootFileRule['clientKind']>, readonly Conjunction[]>> = {
  pxe: [[not(iPxe), pxe]],
  'http-boot': [[not(iPxe), httpBoot]],
  ipxe: [[iPxe]],
  'open-firmware': [[openFirmware], [appleFirmware]],
  installer: [[debianInstaller], [anaconda]],
  bootp: [[bootp]],
  other: [
    [iPxe, httpBoot, pxe, openFirmware, appleFirmware, debianInstaller, anaconda, bootp].map(not),
  ],
};

/** The conditions of a rule in the words of other servers: one of these has to hold. */
export function conditionsOf(
  rule: BootFileRule,
  nodeMacs: readonly string[],
): readonly Conjunction[] {
  const { architectures, clientKind, vendorClass, userClass, node } = rule;
  const rest: Conjunction = [
    ...(architectures === undefined ? [] : [architectureCondition(architectures)]),
    ...(vendorClass === undefined ? [] : [vendor(vendorClass)]),
    ...(userClass === undefined ? [] : [{ kind: 'user-class', name: userClass } as const]),
    ...(node === undefined ? [] : [{ kind: 'node', name: node, macs: nodeMacs } as const]),
  ];
  const alternatives = clientKind === undefined ? [[]] : kinds[clientKind];
  return alternatives.map((each) => [...each, ...rest]);
}

function architectureCondition(architectures: readonly number[] | 'none'): PlainCondition {
  return architectures === 'none'
    ? { kind: 'no-architecture' }
    : { kind: 'architectures', values: architectures };
}

function vendor(prefix: string): PlainCondition {
  return { kind: 'vendor-class', prefix };
}

function not(of: PlainCondition): BootCondition {
  return { kind: 'not', of };
}
