/**
 * Sends what no good client would: `boot-noise.ts PLAN` with a plan as JSON. Its datagrams come
 * from one seed; when all have left, it prints how many those were.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../src/simulator/random.ts';
import { clientPackets, end, rawOption, rawPacket } from '../protocol/dhcp/client-packets.ts';
import type { NoisePlan } from './boot-noise-plan.ts';

const plan: NoisePlan = JSON.parse(process.argv[2] ?? '');
const random = createRandom(plan.seed);
const below = (limit: number) => Math.floor(random() * limit);
const pick = <Item>(items: readonly Item[], none: Item): Item => items[below(items.length)] ?? none;

const kinds: Readonly<Record<NoisePlan['kind'], () => Buffer>> = {
  dhcp: () => pick([someBytes, changed, changed, cut, badLengths, badOptions], someBytes)(),
  tftp: () => pick([someBytes, badName, badOptionsOfTftp, badMode, noRequest], someBytes)(),
  flood: () =>
    rawPacket({ options: Buffer.concat([rawOption(53, [1]), end]), xid: below(2 ** 32) }),
};

const socket = createSocket('udp4');
socket.on('error', () => {});
socket.bind(0);
await once(socket, 'listening');
for (let sent = 0; sent < plan.count; sent += 1) {
  const port = pick(plan.ports, 0);
  socket.send(kinds[plan.kind](), port, plan.server, () => {});
  if (sent % plan.burst === 0) await delay(2);
}
// What the last ones are answered finds somebody at home.
await delay(100);
socket.close();
process.stdout.write(`sent ${plan.count}\n`);

function someBytes(): Buffer {
  return Buffer.from(
    Array.from({ length: below(below(10) === 0 ? 1_473 : 300) }, () => below(256)),
  );
}

function changed(): Buffer {
  const bytes = Buffer.from(pick(clientPackets, clientPackets[0])?.bytes ?? Buffer.alloc(240));
  for (let change = below(12); change >= 0; change -= 1) bytes[below(bytes.length)] = below(256);
  return bytes;
}

function cut(): Buffer {
  const bytes = changed();
  return bytes.subarray(0, below(bytes.length));
}

/** Hardware addresses longer than their field, or of no length; options that run out. */
function badLengths(): Buffer {
  const options = Buffer.concat([rawOption(53, [1]), Buffer.from([55, 255, 1, 3])]);
  return rawPacket({
    hardwareLength: pick([0, 7, 16, 17, 128, 255], 255),
    options: below(2) === 0 ? options : Buffer.concat([rawOption(53, [1]), end]),
    op: pick([0, 1, 2, 255], 1),
  });
}

/** As long as they may be, twice, overloaded fields that overload, suboptions without an end. */
function badOptions(): Buffer {
  const long = rawOption(below(256), Buffer.alloc(255, below(256)));
  const loop = Buffer.concat([rawOption(52, [3]), rawOption(52, [3])]);
  const relay = rawOption(82, [1, 255, 2, 0, 5, 4, 1]);
  const parts = [
    long,
    long,
    loop,
    relay,
    rawOption(61, []),
    rawOption(97, [1]),
    rawOption(93, [0]),
  ];
  const some = parts.filter(() => below(2) === 0);
  return rawPacket({
    mac: pick(['ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '52:54:00:99:00:01'], ''),
    sname: Buffer.concat([rawOption(52, [3]), Buffer.alloc(40, 255)]),
    file: Buffer.alloc(128, below(256)),
    options: Buffer.concat([rawOption(53, [1 + below(8)]), ...some]),
  });
}

function badName(): Buffer {
  const names = [
    '../../etc/shadow',
    '/etc/shadow',
    '%2e%2e/%2e%2e/etc/shadow',
    '\\\\server\\share',
  ];
  const more = ['C:\\boot.ini', 'a\rb', `${'x/'.repeat(200)}y`, 'hosts', '.', '', '~root'];
  return request(pick([...names, ...more], ''), 'octet', []);
}

function badOptionsOfTftp(): Buffer {
  const names = ['blksize', 'windowsize', 'timeout', 'tsize', 'multicast', '__proto__'];
  const values = ['7', '70000', '0', '65536', '256', '-1', '1e9', '', 'x', '9'.repeat(30)];
  const count = below(24);
  return request(
    'pxelinux.0',
    'octet',
    Array.from({ length: count }, () => [pick(names, ''), pick(values, '')]),
  );
}

function badMode(): Buffer {
  return request('pxelinux.0', pick(['mail', '', 'OCTET\n', 'binary'], ''), [], 1 + below(2));
}

/** Data, acknowledgements and errors of no transfer, and requests without their end. */
function noRequest(): Buffer {
  if (below(3) === 0) return Buffer.from('\0\x01pxelinux.0\0oct', 'latin1');
  return Buffer.concat([Buffer.from([0, 3 + below(8), below(256), below(256)]), someBytes()]);
}

function request(
  name: string,
  mode: string,
  options: readonly (readonly string[])[],
  code = 1,
): Buffer {
  const texts = [name, mode, ...options.flat()].map((text) => `${text}\0`);
  return Buffer.concat([Buffer.from([0, code]), Buffer.from(texts.join(''))]);
}
