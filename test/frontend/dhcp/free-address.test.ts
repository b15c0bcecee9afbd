import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import type { AddressQuestion } from '../../../src/frontend/dhcp/address-probe.ts';
import { decideDhcp } from '../../../src/frontend/dhcp/decide.ts';
import { decideFreeAddress } from '../../../src/frontend/dhcp/free-address.ts';
import type { InUse } from '../../../src/frontend/dhcp/in-use.ts';
import { isLive } from '../../../src/frontend/dhcp/lease.ts';
import type { DhcpEvent } from '../../../src/frontend/dhcp/types.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { asksFor, chose, frontend, ignoreOf, node, packet, replyOf, server } from './fixture.ts';

const stranger = '52:54:00:00:00:99';
const squatter = '02:00:00:00:00:aa';
const first = '52:54:00:00:00:01';

/** A frontend on a wire where `users` have addresses that nobody gave them. */
function setUp(users: (address: string) => string | undefined, nodes?: readonly MachineNode[]) {
  const ground = frontend(nodes);
  const { table, situation } = ground;
  const questions: AddressQuestion[] = [];
  const [events, inUse, disbelieved]: [DhcpEvent[], InUse[], InUse[]] = [[], [], []];
  const open = new Map<string, Promise<string | undefined>>();
  const userOf = async (question: AddressQuestion) => {
    questions.push(question);
    const answer = nextTurn().then(() => users(question.address));
    open.set(question.address, answer);
    return answer.finally(() => open.delete(question.address));
  };
  const deps = {
    probe: {
      userOf: (question: AddressQuestion) => open.get(question.address) ?? userOf(question),
      isAsking: (address: string) => open.has(address),
    },
    leases: Object.assign(table, {
      commit: async (lease: Parameters<typeof table.put>[0]) => table.put(lease),
    }),
    onEvent: (event: DhcpEvent) => events.push(event),
    onInUse: (each: InUse) => inUse.push(each),
    onDisbelieved: (each: InUse) => disbelieved.push(each),
    clockMs: () => ground.state.nowMs,
  };
  const ask = (values: Parameters<typeof packet>[0]) =>
    decideFreeAddress(deps, () => decideDhcp(packet(values), situation()));
  return { ...ground, ask, questions, events, inUse, disbelieved };
}

const discover = (mac = stranger) => ({ type: 'discover', mac }) as const;

test('an address that nobody uses is offered, and asked about once', async (t) => {
  const { ask, questions } = setUp(() => undefined);
  const { packet: offer } = replyOf(await ask(discover()));
  t.deepEqual(questions, [{ address: offer.yiaddr, macs: [stranger] }]);
  t.is(replyOf(await ask(discover())).packet.yiaddr, offer.yiaddr);
  t.is(questions.length, 1, 'the machine holds it now');
});

test('an address in use is left alone, told of, and another one is offered', async (t) => {
  const taken: string[] = [];
  const { ask, table, state, events, inUse } = setUp((address) => {
    if (taken.length === 0) taken.push(address);
    return taken.includes(address) ? squatter : undefined;
  });
  const { packet: offer } = replyOf(await ask(discover()));
  const [address = ''] = taken;
  t.not(offer.yiaddr, address);
  t.like(events, [{ event: 'in-use', reason: 'address-in-use', mac: stranger, address }]);
  t.regex(events[0]?.text ?? '', new RegExp(`^${address} is used by ${squatter};`));
  t.like(inUse, [{ address, mac: squatter }]);
  t.like(table.at(address), { state: 'declined', mac: squatter });
  state.nowMs += 121_000;
  t.false(isLive(table.at(address), state.nowMs), 'it is asked about again');
});

test('a node’s own address in use: without a range it waits, and its story says who', async (t) => {
  const own = '10.2.0.9';
  const reserved = node({ address: own });
  const ground = setUp((address) => (address === own ? squatter : undefined), [reserved]);
  const { state, ask, events } = ground;
  const [home, relayed] = state.settings.networks;
  t.truthy(relayed);
  if (home === undefined) throw new Error('expected a network');
  state.settings = {
    ...state.settings,
    networks: [{ ...home, prefix: '10.0.0.0/8', range: undefined }],
  };
  const decision = ignoreOf(await ask(discover(first)));
  t.is(decision.reason, 'reservation-held');
  t.like(events, [{ event: 'in-use', node: 'compute-0-0', address: own }]);
});

test('a node’s other interfaces do not count as others', async (t) => {
  const second = '52:54:00:00:00:02';
  const both = node({ macs: [first, second] });
  const { ask, questions } = setUp(() => undefined, [both]);
  replyOf(await ask(discover(first)));
  t.deepEqual(questions, [{ address: '10.1.0.5', macs: [first, first, second] }]);
});

test('the client of a relay agent is not asked about: ARP does not reach it', async (t) => {
  const { ask, questions } = setUp(() => squatter);
  const relayed = { ...discover(), giaddr: '10.2.0.1' };
  t.is(replyOf(await ask(relayed)).packet.giaddr, '10.2.0.1');
  t.deepEqual(questions, []);
});

const selecting = (address: string, mac = first) =>
  ({ type: 'request', mac, options: [chose(server), asksFor(address)] }) as const;
const rebooting = (address: string, mac = first) =>
  ({ type: 'request', mac, options: [asksFor(address)] }) as const;

test('what was offered is asked about once: its REQUEST does not wait', async (t) => {
  const { ask, questions, state } = setUp(() => undefined);
  replyOf(await ask(discover(first)));
  t.is(questions.length, 1);
  t.is(replyOf(await ask(selecting('10.1.0.5'))).event.event, 'ack');
  // It has the address: neither to start again nor to renew it takes a question.
  t.is(replyOf(await ask(rebooting('10.1.0.5'))).event.event, 'ack');
  const renewing = { type: 'request', mac: first, ciaddr: '10.1.0.5' } as const;
  t.is(replyOf(await ask(renewing)).event.event, 'ack');
  state.nowMs += 2_000_000;
  t.is(replyOf(await ask(renewing)).event.event, 'ack');
  t.is(questions.length, 1);
});

test('an address from before, or of an offer that is over, is asked about again', async (t) => {
  for (const request of [selecting, rebooting]) {
    const { ask, questions, state, table } = setUp(() => undefined);
    replyOf(await ask(discover(first)));
    state.nowMs += 2_000_000;
    t.is(replyOf(await ask(request('10.1.0.5'))).event.event, 'ack');
    t.deepEqual(questions.at(-1), { address: '10.1.0.5', macs: [first, first] });
    t.is(questions.length, 2);
    t.like(table.at('10.1.0.5'), { state: 'bound', mac: first });
  }
});

test('a machine is not given back an address that another has taken meanwhile', async (t) => {
  for (const request of [selecting, rebooting]) {
    const taken = { isTaken: false };
    const { ask, state, table, events } = setUp(() => (taken.isTaken ? squatter : undefined));
    replyOf(await ask(discover(first)));
    replyOf(await ask(selecting('10.1.0.5')));
    state.nowMs += 2_000_000;
    taken.isTaken = true;
    t.is(replyOf(await ask(request('10.1.0.5'))).event.event, 'nak');
    t.like(events, [{ event: 'in-use', node: 'compute-0-0', address: '10.1.0.5' }]);
    t.like(table.at('10.1.0.5'), { state: 'declined', mac: squatter });
  }
});

test('by way of a relay agent nothing is asked: a REQUEST is answered at once', async (t) => {
  const { ask, questions } = setUp(() => squatter, []);
  const relayed = { giaddr: '10.2.0.1' } as const;
  const { packet: offer } = replyOf(await ask({ ...discover(), ...relayed }));
  const { event } = replyOf(await ask({ ...rebooting(offer.yiaddr, stranger), ...relayed }));
  t.is(event.event, 'ack');
  t.deepEqual(questions, []);
});

test('BOOTP gets no address that somebody uses', async (t) => {
  const { ask, events } = setUp(() => squatter);
  t.is(ignoreOf(await ask({ mac: first })).reason, 'reservation-held');
  t.like(events, [{ event: 'in-use' }]);
});

test('the machine that asks again meanwhile waits for the same answer', async (t) => {
  const { ask, questions, inUse } = setUp((address) =>
    address === questions[0]?.address ? squatter : undefined,
  );
  const both = await Promise.all([ask(discover()), ask(discover())]);
  const offered = both.map((each) => replyOf(each).packet.yiaddr);
  t.is(offered[0], offered[1]);
  t.false(inUse.some(({ address }) => offered.includes(address)));
  t.is(inUse.length, 1);
});

test('two machines that ask at once are never offered the same address', async (t) => {
  const { ask } = setUp(() => undefined, []);
  const macs = Array.from({ length: 20 }, (_, at) => `52:54:00:00:01:${at + 10}`);
  const all = await Promise.all(macs.map((mac) => ask(discover(mac))));
  t.is(new Set(all.map((each) => replyOf(each).packet.yiaddr)).size, 20);
});

test('a range full of others ends in silence, for now', async (t) => {
  const { ask, questions } = setUp((address) => `02:00:00:00:01:${address.slice(-2)}`, []);
  const decision = ignoreOf(await ask(discover()));
  t.is(decision.reason, 'address-in-use');
  t.regex(decision.event?.text ?? '', /8 addresses/);
  t.is(questions.length, 8);
});

test('a router that answers for everything keeps nobody from an address for long', async (t) => {
  const { ask, disbelieved } = setUp(() => squatter, []);
  ignoreOf(await ask(discover()));
  replyOf(await ask(discover()));
  t.like(disbelieved, [{ mac: squatter }]);
});

test('nobody is ever offered what another machine uses', async (t) => {
  const machines = fc.uniqueArray(fc.nat(30), { maxLength: 15, size: 'max' });
  const range = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 20, size: 'max' });
  await t.notThrowsAsync(async () =>
    fc.assert(
      fc.asyncProperty(machines, range, async (askers, used) => {
        const users = new Map(used.map((at) => [`10.1.200.${at}`, `02:00:00:00:02:${at + 10}`]));
        const { ask } = setUp((address) => users.get(address), []);
        const all = await Promise.all(
          askers.map((at) => ask(discover(`52:54:00:00:02:${at + 10}`))),
        );
        const offers = all.flatMap((each) => (each.kind === 'reply' ? each.packet.yiaddr : []));
        return new Set(offers).size === offers.length && !offers.some((each) => users.has(each));
      }),
    ),
  );
});
