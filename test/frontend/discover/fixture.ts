import { netbootKinds } from '../../../src/frontend/discover/read-order.ts';
import type { DiscoverOrder, UnknownMachine } from '../../../src/frontend/discover/types.ts';
import type { DhcpClient } from '../../../src/protocol/dhcp/client.ts';
import { homeNetwork } from '../dhcp/fixture.ts';

export const mac = '52:54:00:00:00:07';

export function machine(
  values: Partial<UnknownMachine> & { readonly kind?: DhcpClient['kind'] } = {},
): UnknownMachine {
  const { kind = 'pxe', ...others } = values;
  const address = others.mac ?? mac;
  return {
    mac: address,
    uuid: undefined,
    client: { mac: address, kind },
    holder: `mac:${address}`,
    network: homeNetwork,
    isRelayed: false,
    ...others,
  };
}

export function order(values: Partial<DiscoverOrder> = {}): DiscoverOrder {
  return {
    role: 'compute',
    rack: 0,
    fromRank: undefined,
    addressFrom: undefined,
    replace: undefined,
    excluded: [],
    classes: netbootKinds,
    action: 'install',
    installs: true,
    mostCount: 4096,
    tellsByUuid: true,
    ...values,
  };
}
