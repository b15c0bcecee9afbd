import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { silentLog } from '../../../src/runtime/log.ts';

/** Sets one field of all nodes, and an option of its own, so many times. */
const [path = '', field = '', rounds = ''] = process.argv.slice(2);
const { store, close } = openNodeRecords({ log: silentLog }, { path });
for (let at = 1; at <= Number(rounds); at += 1) {
  const place = field === 'rack' ? { rack: at } : { rank: at };
  const option = field === 'rack' ? 200 : 201;
  store.setAll(['all'], { ...place, dhcpOptions: { [option]: String(at) } });
  await new Promise((resolve) => setImmediate(resolve));
}
await close();
