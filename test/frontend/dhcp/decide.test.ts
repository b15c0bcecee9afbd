import test from 'ava';
import {
  dhcpOptions,
  encodeUint16,
  encodeUint32,
  messageTypes,
  readText,
  readUint32,
} from '../../../src/protocol/dhcp/options.ts';
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
const other = '52:54:00:00:00:98';
const relay = '10.2.0.1';

/** The usual exchange; returns the address. */
function bind(rack: ReturnType<typeof frontend>, mac: string, values = {}): string {
  const offer = replyOf(rack.decide({ type: 'discover', mac, ...values }));
  const address = offer.packet.yiaddr;
  const options = [asksFor(address), chose(server)];
  const ack = replyOf(rack.decide({ type: 'request', mac, options, ...values }));
  if (typeOf(ack) !== messageTypes.ack) throw new Error(`expected an ACK of ${address}`);
  return address;
}

test('a node gets the address that is reserved for it, and a lease that is kept', (t) => {
  const rack = frontend();
  const offer = replyOf(rack.decide({ type: 'discover' }));
  t.is(typeOf(offer), messageTypes.offer);
  t.is(offer.packet.yiaddr, '10.1.0.5');
  t.is(offer.lease?.state, 'offered');
  const options = [asksFor('10.1.0.5'), chose(server)];
  const ack = replyOf(rack.decide({ type: 'request', options }));
  t.is(typeOf(ack), messageTypes.ack);
  t.deepEqual(ack.lease, {
    address: '10.1.0.5',
    holder: 'mac:52:54:00:00:00:01',
    mac: '52:54:00:00:00:01',
    state: 'bound',
    untilMs: rack.state.nowMs + 1_200_000,
  });
  t.is(readUint32(ack.packet.options, dhcpOptions.leaseSeconds), 1200);
});

test('an unknown machine gets an address of the range, and nothing to boot', (t) => {
  const rack = frontend();
  const { packet: offer } = replyOf(rack.decide({ type: 'discover', mac: stranger }));
  t.regex(offer.yiaddr, /^10\.1\.200\.\d+$/);
  t.deepEqual([offer.siaddr, offer.file], [none, '']);
});

test('an unknown machine that waits to be discovered is told of, and hears nothing', (t) => {
  const rack = frontend([], { unknown: 'discover' });
  const { reason, event } = ignoreOf(rack.decide({ type: 'discover', mac: stranger }));
  t.is(reason, 'to-be-discovered');
  t.deepEqual([event?.event, event?.mac], ['unknown', stranger]);
});

test('a machine gets its last address again, also after its lease has ended', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  rack.state.nowMs += 5_000_000;
  t.not(bind(rack, other), address);
  t.is(bind(rack, stranger), address);
});

test('loader, installer and system of one machine keep one address', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  const options = [[dhcpOptions.clientId, Buffer.from('ff00112233', 'hex')] as const];
  t.is(replyOf(rack.decide({ type: 'discover', mac: stranger, options })).packet.yiaddr, address);
});

test('an address that a machine asks for is given to it if it is free', (t) => {
  const rack = frontend();
  const asked = (mac: string) => {
    const options = [asksFor('10.1.200.7')];
    return replyOf(rack.decide({ type: 'discover', mac, options })).packet.yiaddr;
  };
  t.is(asked(stranger), '10.1.200.7');
  t.not(asked(other), '10.1.200.7');
});

test('addresses of nodes, routers and the frontend itself are given to nobody else', (t) => {
  const range = { first: '10.1.1.1', last: '10.1.1.3' };
  const base = frontend().state.settings.networks[0];
  if (base === undefined) throw new Error('expected a network');
  const networks = [{ ...base, range, routers: ['10.1.1.2'] }];
  const rack = frontend([node({ address: '10.1.1.3' })], { networks });
  for (const address of ['10.1.1.1', '10.1.1.2', '10.1.1.3']) {
    const options = [asksFor(address)];
    const decision = rack.decide({ type: 'discover', mac: stranger, options });
    t.is(ignoreOf(decision).reason, 'range-exhausted');
  }
});

test('a range without a free address is silence with a reason, until one is free again', (t) => {
  const rack = frontend();
  const macs = Array.from({ length: 20 }, (_, at) => `52:54:00:00:01:${String(at + 10)}`);
  const addresses = macs.map((mac) => bind(rack, mac));
  t.is(new Set(addresses).size, 20);
  const late = rack.decide({ type: 'discover', mac: stranger });
  t.is(ignoreOf(late).reason, 'range-exhausted');
  const [mac = '', address = ''] = [macs[3], addresses[3]];
  rack.decide({ type: 'release', mac, ciaddr: address });
  t.is(bind(rack, stranger), address);
});

test('INIT-REBOOT: the right address is acknowledged, a wrong one refused', (t) => {
  const rack = frontend();
  const reboot = (address: string, mac = '52:54:00:00:00:01') =>
    rack.decide({ type: 'request', mac, options: [asksFor(address)] });
  t.is(typeOf(replyOf(reboot('10.1.0.5'))), messageTypes.ack);
  const moved = replyOf(reboot('10.1.200.3'));
  t.deepEqual([typeOf(moved), moved.to], [messageTypes.nak, 'broadcast']);
  t.is(typeOf(replyOf(reboot('192.168.7.9'))), messageTypes.nak);
  t.is(typeOf(replyOf(reboot('10.1.0.5', stranger))), messageTypes.nak);
});

test("INIT-REBOOT: of an address that is nobody's here, nothing is said", (t) => {
  const decision = frontend().decide({
    type: 'request',
    mac: stranger,
    options: [asksFor('10.1.77.7')],
  });
  t.is(ignoreOf(decision).reason, 'not-ours');
});

test('INIT-REBOOT: an address of the range is given back after the leases were lost', (t) => {
  const decision = frontend().decide({
    type: 'request',
    mac: stranger,
    options: [asksFor('10.1.200.9')],
  });
  t.is(typeOf(replyOf(decision)), messageTypes.ack);
});

test('RENEWING: the lease is longer, and the answer goes to the address', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  rack.state.nowMs += 600_000;
  const ack = replyOf(rack.decide({ type: 'request', mac: stranger, ciaddr: address }));
  t.is(ack.to, 'unicast-to-ciaddr');
  t.deepEqual([ack.packet.ciaddr, ack.packet.yiaddr], [address, address]);
  t.is(ack.lease?.untilMs, rack.state.nowMs + 1_200_000);
});

test('RENEWING: an address that was reserved for another node meanwhile is refused', (t) => {
  const rack = frontend([]);
  const address = bind(rack, stranger);
  rack.state.nodes = [node({ address })];
  const nak = replyOf(rack.decide({ type: 'request', mac: stranger, ciaddr: address }));
  t.deepEqual([typeOf(nak), nak.to], [messageTypes.nak, 'broadcast']);
});

test('a node whose address somebody else still has gets one of the range meanwhile', (t) => {
  const rack = frontend([]);
  const address = bind(rack, stranger);
  rack.state.nodes = [node({ address })];
  const meanwhile = bind(rack, '52:54:00:00:00:01');
  t.not(meanwhile, address);
  rack.state.nowMs += 1_300_000;
  t.is(bind(rack, '52:54:00:00:00:01'), address);
});

test("RENEWING: another server's client hears nothing", (t) => {
  const decision = frontend().decide({ type: 'request', mac: stranger, ciaddr: '10.1.77.7' });
  t.is(ignoreOf(decision).reason, 'not-ours');
});

test('SELECTING: a client that chose another server hears nothing, and its offer is free', (t) => {
  const rack = frontend();
  const { packet: offer } = replyOf(rack.decide({ type: 'discover', mac: stranger }));
  const options = [asksFor('10.1.77.7'), chose('10.1.1.99')];
  const decision = ignoreOf(rack.decide({ type: 'request', mac: stranger, options }));
  t.is(decision.reason, 'other-server');
  t.is(rack.table.at(offer.yiaddr)?.state, 'released');
});

test('SELECTING: an address that is taken by now is refused', (t) => {
  const rack = frontend();
  const address = bind(rack, other);
  const options = [asksFor(address), chose(server)];
  t.is(typeOf(replyOf(rack.decide({ type: 'request', mac: stranger, options }))), messageTypes.nak);
});

test('SELECTING: an offer that a restart forgot is kept if the address is free', (t) => {
  const options = [asksFor('10.1.200.4'), chose(server)];
  const ack = replyOf(frontend().decide({ type: 'request', mac: stranger, options }));
  t.deepEqual([typeOf(ack), ack.packet.yiaddr], [messageTypes.ack, '10.1.200.4']);
});

test('a REQUEST that names no address is ignored', (t) => {
  t.is(ignoreOf(frontend().decide({ type: 'request' })).reason, 'incomplete');
  t.is(
    ignoreOf(frontend().decide({ type: 'request', options: [chose(server)] })).reason,
    'incomplete',
  );
});

test('DECLINE: the address is left alone for a while, and another is given', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  const declined = rack.decide({
    type: 'decline',
    mac: stranger,
    options: [asksFor(address), chose(server)],
  });
  t.is(ignoreOf(declined).event?.event, 'decline');
  t.not(bind(rack, stranger), address);
  const asked = replyOf(rack.decide({ type: 'discover', mac: other, options: [asksFor(address)] }));
  t.not(asked.packet.yiaddr, address);
});

test('DECLINE and RELEASE of an address of somebody else change nothing', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  for (const values of [
    { type: 'decline', mac: other, options: [asksFor(address)] },
    { type: 'release', mac: other, ciaddr: address },
    { type: 'release', mac: stranger, ciaddr: address, options: [chose('10.1.1.99')] },
    { type: 'decline', mac: stranger },
  ] as const) {
    const { reason, lease } = ignoreOf(rack.decide(values));
    t.deepEqual([reason, lease], ['not-ours', undefined]);
  }
});

test('INFORM: options for the address that the client has, and no lease', (t) => {
  const ack = replyOf(frontend().decide({ type: 'inform', ciaddr: '10.1.44.4' }));
  t.deepEqual([typeOf(ack), ack.to, ack.lease], [messageTypes.ack, 'unicast-to-ciaddr', undefined]);
  t.deepEqual([ack.packet.yiaddr, ack.packet.ciaddr], [none, '10.1.44.4']);
  const { leaseSeconds, renewal, rebinding } = dhcpOptions;
  for (const code of [leaseSeconds, renewal, rebinding]) t.false(ack.packet.options.has(code));
});

test('INFORM: without an address, or from a network that is not served, nothing is said', (t) => {
  t.is(ignoreOf(frontend().decide({ type: 'inform' })).reason, 'incomplete');
  t.is(ignoreOf(frontend().decide({ type: 'inform', ciaddr: '192.168.9.9' })).reason, 'no-network');
});

test('BOOTP: a node gets its address for ever, anybody else nothing', (t) => {
  const rack = frontend();
  const reply = replyOf(rack.decide(packet()));
  t.deepEqual(
    [reply.packet.yiaddr, typeOf(reply), reply.lease],
    ['10.1.0.5', undefined, undefined],
  );
  t.is(ignoreOf(rack.decide(packet({ mac: stranger }))).reason, 'needs-reservation');
});

test('a relay agent chooses the network, and gets the answer with its own option last', (t) => {
  const rack = frontend();
  const information = Buffer.from('0104deadbeef', 'hex');
  const options = [[dhcpOptions.relayAgent, information] as const];
  const { packet: offer, to } = replyOf(
    rack.decide({ type: 'discover', mac: stranger, giaddr: relay, options }),
  );
  t.deepEqual([to, offer.giaddr], ['relay', relay]);
  t.regex(offer.yiaddr, /^10\.2\.0\.1\d\d$/);
  t.deepEqual([...offer.options].at(-1), [dhcpOptions.relayAgent, information]);
});

test('a relay agent can name the network (RFC 3527)', (t) => {
  const options = [[dhcpOptions.relayAgent, Buffer.from([1, 1, 9, 5, 4, 10, 1, 0, 1])] as const];
  const decision = frontend().decide({ type: 'discover', mac: stranger, giaddr: relay, options });
  t.regex(replyOf(decision).packet.yiaddr, /^10\.1\.200\./);
});

test('relay agents of networks that are not served, or with our address, are not answered', (t) => {
  const ask = (giaddr: string) => frontend().decide({ type: 'discover', mac: stranger, giaddr });
  t.is(ignoreOf(ask('172.16.0.1')).reason, 'no-network');
  t.is(ignoreOf(ask(server)).reason, 'bad-relay');
  t.is(ignoreOf(ask('255.255.255.255')).reason, 'no-network');
  t.is(ignoreOf(ask('10.1.255.255')).reason, 'no-network');
});

test('a refusal by way of a relay agent is broadcast there', (t) => {
  const options = [asksFor('10.1.0.5')];
  const nak = replyOf(frontend().decide({ type: 'request', giaddr: relay, options }));
  t.deepEqual([typeOf(nak), nak.to, nak.packet.broadcast], [messageTypes.nak, 'relay', true]);
  t.truthy(readText(nak.packet.options, dhcpOptions.message));
});

test('a node in a network that is not its own gets an address of that network', (t) => {
  const { packet: offer } = replyOf(frontend().decide({ type: 'discover', giaddr: relay }));
  t.regex(offer.yiaddr, /^10\.2\.0\.1\d\d$/);
});

test('a client that asks for broadcast, or cannot be reached otherwise, gets broadcast', (t) => {
  const to = (values: Parameters<typeof packet>[0]) =>
    replyOf(frontend().decide({ type: 'discover', ...values })).to;
  t.is(to({}), 'unicast-to-yiaddr');
  t.is(to({ broadcast: true }), 'broadcast');
  t.is(to({ hardwareType: 32, mac: '00:00:12:34:56:78:9a:bc' }), 'broadcast');
});

test('only what was asked for is told, in the order of the asking', (t) => {
  const options = [
    [dhcpOptions.parameterList, Buffer.from([15, 250, 6, 3, 15, 255, 0, 53])] as const,
  ];
  const { packet: offer } = replyOf(frontend().decide({ type: 'discover', options }));
  t.deepEqual([...offer.options.keys()], [53, 54, 51, 1, 15, 6, 3]);
});

test("a node's options go before its network's, and those before what is derived", (t) => {
  const own = node({ dhcpOptions: { mtu: 9000, 150: '0x78', dns: '10.1.1.7' } });
  const options = [[dhcpOptions.parameterList, Buffer.from([26, 150, 12, 6, 15])] as const];
  const { packet: offer } = replyOf(frontend([own]).decide({ type: 'discover', options }));
  t.deepEqual(offer.options.get(26), encodeUint16(9000));
  t.is(offer.options.get(150)?.toString(), 'x');
  t.is(offer.options.get(6)?.join('.'), '10.1.1.7');
  t.is(offer.options.get(15)?.toString(), 'cluster.local');
  t.is(offer.options.get(12)?.toString(), 'compute-0-0');
});

test('static routes come with the default route among them', (t) => {
  const staticRoutes = [{ network: '10.9.0.0', prefixLength: 16, router: '10.1.1.253' }];
  const networks = frontend().state.settings.networks.map((each) => ({ ...each, staticRoutes }));
  const options = [[dhcpOptions.parameterList, Buffer.from([121])] as const];
  const { packet: offer } = replyOf(
    frontend(undefined, { networks }).decide({ type: 'discover', options }),
  );
  t.is(offer.options.get(121)?.toString('hex'), '100a090a0101fd000a0101fe');
});

test('a client may ask for a shorter lease, but for no longer one', (t) => {
  const leaseOf = (seconds: number) => {
    const options = [[dhcpOptions.leaseSeconds, encodeUint32(seconds)] as const];
    const offer = replyOf(frontend().decide({ type: 'discover', options }));
    return readUint32(offer.packet.options, dhcpOptions.leaseSeconds);
  };
  t.deepEqual([1, 300, 0xffffffff].map(leaseOf), [120, 300, 1200]);
});

test('what is no request of one client is dropped without a word', (t) => {
  const reasons = [
    packet({ type: 'discover', op: 'reply' }),
    packet({ type: 'discover', mac: '01:00:5e:00:00:01' }),
    packet({ type: 'discover', mac: 'ff:ff:ff:ff:ff:ff' }),
    packet({ type: 'discover', mac: '00:00:00:00:00:00' }),
    packet({ type: 'offer' }),
    packet({ options: [[dhcpOptions.messageType, Buffer.from([77])]] }),
    packet({ options: [[dhcpOptions.messageType, Buffer.alloc(3)]] }),
  ].map((each) => ignoreOf(frontend().decide(each)));
  t.deepEqual(
    reasons.map(({ reason }) => reason),
    ['not-a-request', 'bad-mac', 'bad-mac', 'bad-mac', ...new Array(3).fill('unknown-message')],
  );
  t.true(reasons.every(({ event, lease }) => event === undefined && lease === undefined));
});

test('the interfaces of one node share its address; the last that asks has it', (t) => {
  const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02'];
  const rack = frontend([node({ macs })]);
  t.deepEqual(
    macs.map((mac) => bind(rack, mac)),
    ['10.1.0.5', '10.1.0.5'],
  );
  t.is(rack.table.at('10.1.0.5')?.mac, '52:54:00:00:00:02');
});

test('a DISCOVER does not shorten the lease that its sender has', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  const before = rack.table.at(address);
  t.is(rack.decide({ type: 'discover', mac: stranger }).lease, undefined);
  t.is(rack.table.at(address), before);
});

test('a DISCOVER, and a choice, are of this wire whatever ciaddr says', (t) => {
  const rack = frontend();
  const values = { mac: stranger, ciaddr: '10.2.0.105' };
  const { packet: offer, to } = replyOf(rack.decide({ type: 'discover', ...values }));
  t.regex(offer.yiaddr, /^10\.1\.200\./);
  t.deepEqual([to, offer.ciaddr], ['unicast-to-yiaddr', none]);
  const options = [asksFor(offer.yiaddr), chose(server)];
  const ack = replyOf(rack.decide({ type: 'request', ...values, options }));
  t.deepEqual([ack.to, ack.packet.ciaddr], ['unicast-to-yiaddr', none]);
});

test('a client has one address in a network: it cannot collect them', (t) => {
  const rack = frontend();
  const address = bind(rack, stranger);
  for (let at = 1; at <= 20; at += 1) {
    const ciaddr = `10.1.200.${at}`;
    const reply = replyOf(rack.decide({ type: 'request', mac: stranger, ciaddr }));
    t.is(typeOf(reply), ciaddr === address ? messageTypes.ack : messageTypes.nak);
  }
  t.is(rack.table.size, 1);
});

test('a client for which every address is taken does not use up the range', (t) => {
  const rack = frontend();
  for (let turn = 0; turn < 15; turn += 1) {
    const options = [asksFor(bind(rack, stranger)), chose(server)];
    t.is(ignoreOf(rack.decide({ type: 'decline', mac: stranger, options })).reason, 'declined');
  }
  t.is(rack.table.all().filter(({ state }) => state === 'declined').length, 8);
});
