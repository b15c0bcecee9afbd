import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { decideDhcp } from '../../../src/frontend/dhcp/decide.ts';
import { decodeLeaseLines, encodeLeaseLine } from '../../../src/frontend/dhcp/lease-line.ts';
import { decideProxyDhcp } from '../../../src/frontend/dhcp/proxy-dhcp.ts';
import type { Decision } from '../../../src/frontend/dhcp/types.ts';
import {
  DhcpError,
  type DhcpPacket,
  decodeDhcp,
  encodeDhcp,
} from '../../../src/protocol/dhcp/packet.ts';
import { clientPackets } from '../../protocol/dhcp/client-packets.ts';
import { machine } from './clients.ts';
import { frontend, node } from './fixture.ts';

const known = node({ macs: [machine.mac], address: machine.address });

function decodeIfPossible(bytes: Buffer): DhcpPacket | undefined {
  try {
    return decodeDhcp(bytes);
  } catch (error) {
    assert.ok(error instanceof DhcpError);
    return undefined;
  }
}

/** All that happens to a packet between two sockets, on each port; how often it is answered. */
function handle(bytes: Buffer): number {
  const packet = decodeIfPossible(bytes);
  if (packet === undefined) return 0;
  const situation = frontend([known]).situation();
  const decisions: readonly Decision[] = [
    decideDhcp(packet, situation),
    decideProxyDhcp(packet, 67, situation),
    decideProxyDhcp(packet, 4011, situation),
  ];
  for (const { kind, lease, ...rest } of decisions) {
    if (lease !== undefined) {
      const kept = { ...lease, state: 'bound' } as const;
      assert.deepEqual(decodeLeaseLines(encodeLeaseLine(kept)).leases, [kept]);
    }
    if (kind === 'reply' && 'packet' in rest) {
      const length = encodeDhcp(rest.packet, rest.maximumBytes).length;
      assert.ok(length >= 300 && length <= 1472);
    }
  }
  return decisions.filter(({ kind }) => kind === 'reply').length;
}

test('real packets with any bytes changed get an answer or silence, never an error', (t) => {
  let answered = 0;
  const change = fc.record({ at: fc.nat(400), to: fc.nat(255) });
  const real = fc.constantFrom(...clientPackets.map(({ bytes }) => bytes));
  t.notThrows(() =>
    fc.assert(
      fc.property(real, fc.array(change, { maxLength: 12, size: 'max' }), (bytes, changes) => {
        const mutated = Buffer.from(bytes);
        for (const { at, to } of changes) mutated[at % mutated.length] = to;
        answered += handle(mutated);
      }),
      { numRuns: 3_000 },
    ),
  );
  t.true(answered > 100, `${answered} were answered`);
});

test('packets of any options get an answer or silence, never an error', (t) => {
  let answered = 0;
  const option = fc.tuple(
    fc.oneof(fc.constantFrom(50, 51, 53, 54, 55, 57, 60, 61, 77, 82, 93, 97, 118), fc.nat(255)),
    fc.uint8Array({ maxLength: 40, size: 'max' }),
  );
  const head = Buffer.from(clientPackets[0]?.bytes.subarray(0, 240) ?? Buffer.alloc(240));
  const anOption = fc.array(option, { maxLength: 20, size: 'max' });
  t.notThrows(() =>
    fc.assert(
      fc.property(anOption, fc.constantFrom(1, 3, 4, 7, 8), (options, type) => {
        const parts = options.map(([code, bytes]) => Buffer.from([code, bytes.length, ...bytes]));
        answered += handle(
          Buffer.concat([head, Buffer.from([53, 1, type]), ...parts, Buffer.from([255])]),
        );
      }),
      { numRuns: 3_000 },
    ),
  );
  t.true(answered > 100, `${answered} were answered`);
});
