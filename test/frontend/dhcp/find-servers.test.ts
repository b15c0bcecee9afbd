import test from 'ava';
import fc from 'fast-check';
import { questionMac, readOffer } from '../../../src/frontend/dhcp/find-servers.ts';
import { createRivalWatch } from '../../../src/frontend/dhcp/rival-watch.ts';
import { encodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { chose, frontend, packet } from './fixture.ts';

const xid = 77;
const offer = {
  type: 'offer',
  op: 'reply',
  xid,
  mac: questionMac,
  yiaddr: '192.168.0.9',
  options: [chose('192.168.0.1')],
} as const;

test('an offer to the question names its server and the address', (t) => {
  const found = { server: '192.168.0.1', offered: '192.168.0.9' };
  t.deepEqual(readOffer(encodeDhcp(packet(offer)), xid), found);
});

const others = [
  ['an offer to another question', { xid: 78 }],
  ['an offer to another machine', { mac: '52:54:00:00:00:01' }],
  ['a question', { op: 'request' }],
  ['another message', { type: 'ack' }],
  ['a proxy’s offer, without an address', { yiaddr: '0.0.0.0' }],
  ['an offer of nobody', { options: [] }],
] as const;
for (const [title, changed] of others) {
  test(`${title} is no answer`, (t) => {
    t.is(readOffer(encodeDhcp(packet({ ...offer, ...changed })), xid), undefined);
  });
}

test('any bytes are read, or are no answer', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1400, size: 'max' }),
        (all) => readOffer(Buffer.from(all), xid) === undefined,
      ),
    ),
  );
});

test('a server that machines choose instead is warned of once an hour, with their number', (t) => {
  const { log, lines } = createCollectingLog();
  const clock = { ms: 0 };
  const watch = createRivalWatch({ log, clockMs: () => clock.ms });
  const { decide } = frontend();
  const choose = (server: string) =>
    watch.note(decide({ type: 'request', options: [chose(server)], ciaddr: '10.1.0.5' }));
  watch.note(decide({ type: 'discover' }));
  for (let count = 0; count < 5; count += 1) choose('10.1.7.7');
  choose('10.1.7.8');
  t.like(lines, [
    { fields: { server: '10.1.7.7', count: 1 } },
    { fields: { server: '10.1.7.8', count: 1 } },
  ]);
  clock.ms = 3_600_000;
  choose('10.1.7.7');
  t.like(lines.at(-1), { level: 'warn', fields: { server: '10.1.7.7', count: 5 } });
});
