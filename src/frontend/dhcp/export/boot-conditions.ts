import { fillIn } from '../boot-file.ts';
import type { BootFileRule, DhcpSettings } from '../types.ts';

/** A part of a rule that other servers can test too. */
export type BootCondition =
  | { readonly kind: 'architectures'; readonly values: readonly number[] }
  | { readonly kind: 'no-architecture' }
  | { readonly kind: 'vendor-class'; readonly prefix: string }
  | { readonly kind: 'user-class'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'bootp' };

/** A rule in the words of other servers; the first whose conditions all hold wins. */
export type BootChoice = {
  readonly conditions: readonly BootCondition[];
  readonly nextServer: string;
  readonly filename: string;
};

/** The table of boot files without what no other server can fill in. */
export function listBootChoices(settings: DhcpSettings): readonly BootChoice[] {
  const values = { server: settings.address, http: settings.httpUrl };
  return settings.bootFiles.flatMap((rule) => {
    const known = rule.node === undefined ? values : { ...values, node: rule.node };
    const filename = fillIn(rule.filename, known);
    if (/\{(?:mac|node)\}/.test(filename)) return [];
    const nextServer = rule.nextServer ?? settings.address;
    return [{ conditions: conditionsOf(rule), nextServer, filename }];
  });
}

/** The class that HTTP boot wants echoed. */
export function isHttpBoot({ conditions, filename }: BootChoice): boolean {
  const httpArchitectures = [15, 16, 17, 18, 19];
  return (
    filename.includes('://') &&
    conditions.some(
      (each) =>
        (each.kind === 'vendor-class' && each.prefix.startsWith('HTTPClient')) ||
        (each.kind === 'architectures' && each.values.every((v) => httpArchitectures.includes(v))),
    )
  );
}

function conditionsOf(rule: BootFileRule): readonly BootCondition[] {
  const { architectures, clientKind, vendorClass, userClass, node } = rule;
  return [
    ...(clientKind === undefined ? [] : kindConditions(clientKind)),
    ...(architectures === undefined ? [] : [architectureCondition(architectures)]),
    ...(vendorClass === undefined
      ? []
      : [{ kind: 'vendor-class', prefix: vendorClass } satisfies BootCondition]),
    ...(userClass === undefined
      ? []
      : [{ kind: 'user-class', name: userClass } satisfies BootCondition]),
    ...(node === undefined ? [] : [{ kind: 'node', name: node } satisfies BootCondition]),
  ];
}

function architectureCondition(architectures: readonly number[] | 'none'): BootCondition {
  return architectures === 'none'
    ? { kind: 'no-architecture' }
    : { kind: 'architectures', values: architectures };
}

/** What comes nearest where only the frontend looks at the whole packet. */
function kindConditions(kind: NonNullable<BootFileRule['clientKind']>): readonly BootCondition[] {
  switch (kind) {
    case 'pxe':
      return [{ kind: 'vendor-class', prefix: 'PXEClient' }];
    case 'http-boot':
      return [{ kind: 'vendor-class', prefix: 'HTTPClient' }];
    case 'ipxe':
      return [{ kind: 'user-class', name: 'iPXE' }];
    case 'open-firmware':
      return [{ kind: 'architectures', values: [12] }];
    case 'installer':
      return [{ kind: 'vendor-class', prefix: 'd-i' }];
    case 'bootp':
      return [{ kind: 'bootp' }];
    case 'other':
      return [];
  }
}
