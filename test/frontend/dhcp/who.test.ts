import test from 'ava';
import type { DhcpSettings } from '../../../src/frontend/dhcp/types.ts';
import { bootsFromNetwork, decideWho } from '../../../src/frontend/dhcp/who.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { describeClient } from '../../../src/protocol/dhcp/client.ts';
import { client } from './clients.ts';
import { node, settings } from './fixture.ts';

function who(name: string, known: MachineNode | undefined, changed: Partial<DhcpSettings> = {}) {
  const packet = client(name);
  const all = { ...settings, ...changed };
  return decideWho({ packet, client: describeClient(packet), node: known, settings: all });
}

test('classes are permitted by kind, by the beginning of option 60 or by option 77', (t) => {
  const kindOf = (name: string, ...clientClasses: readonly string[]) =>
    who(name, node(), { clientClasses }).kind;
  t.is(kindOf('PXE of OVMF', 'pxe'), 'answer');
  t.is(kindOf('PXE of OVMF', 'PXEClient:Arch:00007'), 'answer');
  t.is(kindOf('PXE of OVMF', 'PXEClient:Arch:00000', 'ipxe', ''), 'silence');
  t.is(kindOf('iPXE in an EFI ROM', 'iPXE'), 'answer');
  t.is(kindOf('iPXE in an EFI ROM', 'pxe'), 'silence');
  t.is(kindOf('syslinux.efi', 'pxe'), 'silence');
  t.is(kindOf('PXE of OVMF'), 'silence');
});

test("a node's own classes replace the configuration's", (t) => {
  const known = node({ clientClasses: ['installer'] });
  t.is(who('PXE of OVMF', known, { clientClasses: ['pxe'] }).kind, 'silence');
  t.is(who("the Debian installer's udhcpc", known, { clientClasses: ['pxe'] }).kind, 'answer');
});

test('a refusal says by whose rule, and what was sent', (t) => {
  const decision = who('PXE of OVMF', node({ clientClasses: ['open-firmware'] }));
  t.like(decision, {
    reason: 'class-not-permitted',
    text: "'pxe' (vendor class 'PXEClient:Arch:00007:UNDI:003000') is no class that the node compute-0-0 permits: open-firmware",
  });
});

test('a machine boots from the network unless its disk is what it is to boot', (t) => {
  const boots = (bootAction: string, bootState: MachineNode['bootState']) =>
    bootsFromNetwork(node({ bootAction, bootState }));
  t.false(boots('os', 'os'));
  t.true(boots('install', 'install'));
  t.true(boots('os', 'booting'));
  t.true(boots('os', 'installing'));
  t.true(boots('memtest', 'os'));
  t.true(boots('rescue', 'failed'));
  t.false(boots('install', 'failed'));
  t.false(boots('os', 'failed'));
  // It was not ordered, or is not any more.
  t.false(boots('install', 'os'));
});

test('any action that installs is booted while an install is to begin, and not again', (t) => {
  const of = (bootState: MachineNode['bootState']) =>
    who('the DISCOVER of SLOF', node({ bootAction: 'kiosk', bootState }), {
      installActions: new Set(['install', 'kiosk']),
    }).kind;
  for (const state of ['install', 'booting', 'installing'] as const) t.is(of(state), 'answer');
  for (const state of ['os', 'failed'] as const) t.is(of(state), 'silence');
});
