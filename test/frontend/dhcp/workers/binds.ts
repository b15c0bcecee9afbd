import { openLeases } from '../../../../src/frontend/dhcp/leases.ts';
import { formatAddress } from '../../../../src/protocol/dhcp/address.ts';
import { silentLog } from '../../../../src/runtime/log.ts';

// Binds leases until it is killed, and says on stdout which of them were kept.
const [path = '', round = '0'] = process.argv.slice(2);
const leases = await openLeases({ log: silentLog }, { path });
for (let turn = 0; ; turn += 1) {
  await Promise.all(Array.from({ length: 50 }, (_, at) => bind(turn * 50 + at)));
}

async function bind(number: number): Promise<void> {
  const address = formatAddress(0x0a01_0000 + Number(round) * 1_000 + (number % 3_000));
  const mac = `52:54:00:00:00:${(number % 200).toString(16).padStart(2, '0')}`;
  const untilMs = Date.now() + 10_000_000;
  await leases.commit({ address, holder: `mac:${mac}`, mac, state: 'bound', untilMs });
  process.stdout.write(`${address} ${untilMs}\n`);
}
