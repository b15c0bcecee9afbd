import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { macOf } from './fixture.ts';

/** Writes to the database that is named, and a line on stdout for all that is done, until killed. */
const { store, events } = openNodeRecords({ log: silentLog }, { path: process.argv[2] ?? '' });
const names = store.all().map(({ name }) => name);
for (let at = 0; ; at += 1) {
  const action = store.all()[0]?.bootAction === 'os' ? 'install' : 'os';
  store.boot(names, action);
  // Numbers go on from those of the one that was killed before.
  const number = store.all().length;
  const { name } = store.add({ name: `extra-${number}`, macs: [macOf(10_000 + number)] });
  store.boot([name], action);
  names.push(name);
  events.record({ machine: name, event: 'added', text: `in round ${at}` });
  process.stdout.write(`${name} ${action}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
