import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { linkState } from '../../src/runtime/link-state.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** As Linux shows an interface; a carrier of one that is down cannot be read. */
async function withInterface(t: ExecutionContext, flags: string, carrier?: string) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'eth1'));
  await writeFile(join(folder, 'eth1', 'flags'), `${flags}\n`);
  if (carrier !== undefined) await writeFile(join(folder, 'eth1', 'carrier'), `${carrier}\n`);
  return folder;
}

test('an interface runs, lacks its carrier, or is down', async (t) => {
  t.is(linkState('eth1', await withInterface(t, '0x1003', '1')), 'up');
  t.is(linkState('eth1', await withInterface(t, '0x1003', '0')), 'no-carrier');
  t.is(linkState('eth1', await withInterface(t, '0x1002')), 'down');
});

test('what is no interface has no state', async (t) => {
  const folder = await withInterface(t, '0x1003', '1');
  for (const name of ['eth2', '..', '.', '']) t.is(linkState(name, folder), undefined, name);
});

test("this machine's loopback is up, as its system tells", (t) => {
  t.is(linkState('lo'), 'up');
});
