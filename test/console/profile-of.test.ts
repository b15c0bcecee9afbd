import test from 'ava';
import { profileOf } from '../../src/console/pages/profile-of.ts';

const node = {
  ...{ name: 'compute-0-1', role: 'compute', rack: 0, rank: 1, bootAction: 'os', progress: null },
  ...{ bootState: 'os' as const, bootReason: null, stateAtMs: 0, installNumber: 0 },
};
const attribute = (scope: string, target: string | null, value: string) => {
  return { scope, target, name: 'profile', value };
};

test('a machine gets the profile of its role, unless an attribute nearer to it says another', (t) => {
  t.is(profileOf([])(node), 'compute');
  const all = [attribute('global', null, 'a'), attribute('role', 'compute', 'b')];
  t.is(profileOf(all)(node), 'b');
  t.is(profileOf([...all, attribute('rack', '0', 'c')])(node), 'c');
  t.is(profileOf([...all, attribute('node', 'compute-0-1', 'd')])(node), 'd');
  t.is(profileOf([attribute('node', 'compute-0-2', 'd')])(node), 'compute');
  t.is(profileOf([{ ...attribute('role', 'compute', 'x'), name: 'disk' }])(node), 'compute');
  t.is(profileOf([attribute('rack', 'null', 'x')])({ ...node, rack: null }), 'compute');
});
