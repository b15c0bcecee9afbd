import test from 'ava';
import { dhcpOptions, messageTypes } from '../../../src/protocol/dhcp/options.ts';
import {
  asksFor,
  chose,
  frontend,
  ignoreOf,
  node,
  none,
  packet,
  replyOf,
  server,
  typeOf,
} from './fixture.ts';

const stranger = '52:54:00:00:00:99';
const relay = '10.2.0.1';

type Rack = ReturnType<typeof frontend>;

/** The usual exchange; returns the address. */
function bind(rack: Rack, values: Parameters<Rack['decide']>[0] = {}): string {
  const asked = { mac: stranger, ...values };
  const address = replyOf(rack.decide({ ...asked, type: 'discover' })).packet.yiaddr;
  const options = [asksFor(address), chose(server)];
  const ack = replyOf(rack.decide({ ...asked, type: 'request', options }));
  if (typeOf(ack) !== messageTypes.ack) throw new Error(`expected an ACK of ${address}`);
  return address;
}

const reboot = (rack: Rack, address: string, mac = stranger) =>
  rack.decide({ type: 'request', mac, options: [asksFor(address)] });

const typeOfReply = (decision: ReturnType<Rack['decide']>) => typeOf(replyOf(decision));

test('a machine behind a relay agent renews past it, in the network of its address', (t) => {
  const rack = frontend();
  const address = bind(rack, { giaddr: relay });
  t.regex(address, /^10\.2\.0\./);
  const ack = replyOf(rack.decide({ type: 'request', mac: stranger, ciaddr: address }));
  t.deepEqual([typeOf(ack), ack.to], [messageTypes.ack, 'unicast-to-ciaddr']);
  t.deepEqual(ack.packet.options.get(dhcpOptions.router), Buffer.from([10, 2, 0, 1]));
});

test('INFORM past a relay agent is answered with the options of that network', (t) => {
  const decision = frontend().decide({ type: 'inform', mac: stranger, ciaddr: '10.2.0.77' });
  const { options } = replyOf(decision).packet;
  t.deepEqual(options.get(dhcpOptions.router), Buffer.from([10, 2, 0, 1]));
});

test('the address that a machine has counts before the one that it asks for', (t) => {
  const rack = frontend();
  const address = bind(rack);
  const options = [asksFor('10.1.200.19')];
  const ack = replyOf(rack.decide({ type: 'request', mac: stranger, ciaddr: address, options }));
  t.deepEqual([typeOf(ack), ack.to], [messageTypes.ack, 'unicast-to-ciaddr']);
  t.is(ack.packet.yiaddr, address);
});

test('who is not answered anyway may choose another server without a word', (t) => {
  const rack = frontend([], { unknown: 'ignore' });
  const options = [asksFor('10.1.77.7'), chose('10.1.1.99')];
  const decision = ignoreOf(rack.decide({ type: 'request', mac: stranger, options }));
  t.deepEqual([decision.reason, decision.event], ['other-server', undefined]);
});

test('a lease does not end because its machine took an address of another server', (t) => {
  const rack = frontend();
  const address = bind(rack);
  const options = [asksFor('10.1.77.7'), chose('10.1.1.99')];
  t.is(rack.decide({ type: 'request', mac: stranger, options }).lease, undefined);
  t.is(rack.table.at(address)?.state, 'bound');
});

test('an offer that has ended is not given back by who chose another server', (t) => {
  const rack = frontend();
  rack.decide({ type: 'discover', mac: stranger });
  rack.state.nowMs += 61_000;
  const options = [asksFor('10.1.77.7'), chose('10.1.1.99')];
  const decision = ignoreOf(rack.decide({ type: 'request', mac: stranger, options }));
  t.deepEqual([decision.lease, decision.event], [undefined, undefined]);
});

test('a machine is offered what it had, not what it would like, also when that has ended', (t) => {
  const rack = frontend();
  const address = bind(rack);
  const wish = address === '10.1.200.19' ? '10.1.200.18' : '10.1.200.19';
  const discover = { type: 'discover', mac: stranger, options: [asksFor(wish)] } as const;
  t.is(replyOf(rack.decide(discover)).packet.yiaddr, address);
  rack.state.nowMs += 1_300_000;
  t.is(replyOf(rack.decide(discover)).packet.yiaddr, address);
});

test('the address of a node is refused to others also while nobody has it', (t) => {
  t.is(typeOfReply(reboot(frontend(), '10.1.0.5')), messageTypes.nak);
});

test('a lease in one network says nothing of another', (t) => {
  const rack = frontend();
  bind(rack, { giaddr: relay });
  t.is(ignoreOf(reboot(rack, '10.1.77.7')).reason, 'not-ours');
  t.is(typeOfReply(reboot(rack, '10.1.200.9')), messageTypes.ack);
});

test('who has declined an address may take another', (t) => {
  const rack = frontend();
  const address = bind(rack);
  const options = [asksFor(address), chose(server)];
  t.is(ignoreOf(rack.decide({ type: 'decline', mac: stranger, options })).reason, 'declined');
  const another = address === '10.1.200.9' ? '10.1.200.8' : '10.1.200.9';
  t.is(typeOfReply(reboot(rack, another)), messageTypes.ack);
});

test('what was declined cannot be given back, nor declined for longer', (t) => {
  const rack = frontend();
  const address = bind(rack);
  const options = [asksFor(address), chose(server)];
  rack.decide({ type: 'decline', mac: stranger, options });
  const declined = rack.table.at(address);
  rack.state.nowMs += 1_000;
  for (const values of [
    { type: 'release', mac: stranger, ciaddr: address },
    { type: 'decline', mac: stranger, options },
  ] as const) {
    const { reason, lease } = ignoreOf(rack.decide(values));
    t.deepEqual([reason, lease], ['not-ours', undefined]);
  }
  t.is(rack.table.at(address), declined);
  t.is(declined?.state, 'declined');
});

test('a lease that is given back ends at that moment', (t) => {
  const rack = frontend();
  const ciaddr = bind(rack);
  rack.state.nowMs += 5_000;
  const { lease } = ignoreOf(rack.decide({ type: 'release', mac: stranger, ciaddr }));
  t.like(lease, { address: ciaddr, state: 'released', untilMs: rack.state.nowMs });
});

test('a machine that declined too many addresses is believed again when those are free', (t) => {
  const rack = frontend();
  const decline = (address: string) => {
    const options = [asksFor(address), chose(server)];
    return ignoreOf(rack.decide({ type: 'decline', mac: stranger, options })).lease?.state;
  };
  for (let turn = 0; turn < 8; turn += 1) t.is(decline(bind(rack)), 'declined');
  const ninth = bind(rack);
  t.is(decline(ninth), undefined);
  rack.state.nowMs += 601_000;
  t.is(decline(ninth), 'declined');
});

test('a node that is entered with the frontend’s own address gets another', (t) => {
  const rack = frontend([node({ address: server })]);
  const { yiaddr } = replyOf(rack.decide({ type: 'discover' })).packet;
  t.regex(yiaddr, /^10\.1\.200\./);
});

test('a BOOTP client is told where its reply can reach it', (t) => {
  const rack = frontend([node({ macs: [stranger] })]);
  t.is(replyOf(rack.decide(packet({ mac: stranger }))).to, 'unicast-to-yiaddr');
  const renewed = replyOf(rack.decide(packet({ mac: stranger, ciaddr: '10.1.0.5' })));
  t.deepEqual([renewed.to, renewed.packet.ciaddr], ['unicast-to-ciaddr', '10.1.0.5']);
  const elsewhere = replyOf(rack.decide(packet({ mac: stranger, ciaddr: '10.1.0.9' })));
  t.deepEqual([elsewhere.to, elsewhere.packet.ciaddr], ['unicast-to-yiaddr', none]);
});

test('INFORM by way of a relay agent is answered at the address that the machine has', (t) => {
  const asked = { type: 'inform', mac: stranger, ciaddr: '10.2.0.77', giaddr: relay } as const;
  t.is(replyOf(frontend().decide(asked)).to, 'unicast-to-ciaddr');
});

test('a refusal carries the relay agent’s option, which it knows the client’s port by', (t) => {
  const port = Buffer.from([1, 2, 0, 7]);
  const options = [asksFor('10.1.200.3'), [dhcpOptions.relayAgent, port]] as const;
  const nak = replyOf(frontend().decide({ type: 'request', giaddr: relay, options }));
  t.is(typeOf(nak), messageTypes.nak);
  t.deepEqual(nak.packet.options.get(dhcpOptions.relayAgent), port);
});

test('a client that is known by its identifier only is answered by broadcast', (t) => {
  const options = [[dhcpOptions.clientId, Buffer.from('no-mac')]] as const;
  const offer = replyOf(frontend().decide({ type: 'discover', mac: '00:00:00:00:00:00', options }));
  t.is(offer.to, 'broadcast');
});
