import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { truncate, utimes } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type BootSent, createBootHandler } from '../../../src/frontend/http/boot-handler.ts';
import { createHttpServer } from '../../../src/frontend/http/server.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { machine, makeRoots } from '../boot/fixture.ts';
import { ask } from './client.ts';
import { serveTrees } from './fixture.ts';

const one = machine({ address: '127.0.0.2', bootAction: 'install', bootState: 'install' });
const other = machine({
  name: 'compute-0-1',
  address: '127.0.0.3',
  macs: ['52:54:00:ab:cd:02'],
  uuid: '564d4c5a-0a4d-4ab3-9f1e-00163e2a0b02',
});
const contents = {
  'debian/linux': 'kernel',
  'debian/initrd': '12345',
  'agent/overlay': 'overlay',
  'hosts/compute-0-0/own': 'of compute-0-0',
  'hosts/compute-0-0/out': '-> ../../../secret',
  'hosts/compute-0-0/gone': '-> nothing',
  'hosts/compute-0-1/own': 'of compute-0-1',
};

async function serve(t: ExecutionContext, files: Readonly<Record<string, string>> = contents) {
  const { folder, roots } = await makeRoots(t, files);
  const sent: (BootSent & { readonly name: string | undefined })[] = [];
  const counts = { sentBytes: 0 };
  const handle = createBootHandler({
    boot: roots,
    who: (address) => {
      const node = [one, other].find((each) => each.address === address);
      return { node, machine: node?.name, isCertain: true };
    },
    onSent: ({ machine: name }, each) => void sent.push({ name, ...each }),
    onBytes: (sizeBytes) => {
      counts.sentBytes += sizeBytes;
    },
  });
  const server = await createHttpServer(
    { log: silentLog, handle: (request, response) => handle({ request, response }) },
    { host: '127.0.0.1', port: 0 },
  );
  t.teardown(() => server.close());
  const port = server.port ?? 0;
  const get = (target: string, options: Parameters<typeof ask>[2] = {}) =>
    ask(port, target, { from: '127.0.0.2', ...options });
  return { folder, sent, counts, port, get };
}

test('a file comes with its length, its date and a tag, whole or in part', async (t) => {
  const { folder, sent, counts, get } = await serve(t);
  const date = new Date('2024-03-05T10:20:30Z');
  await utimes(join(folder, 'debian/linux'), date, date);
  const whole = await get('/boot/debian/linux?x=1');
  t.is(whole.status, 200);
  t.is(String(whole.body), 'kernel');
  t.like(whole.headers, {
    'content-length': '6',
    'content-type': 'application/octet-stream',
    'last-modified': 'Tue, 05 Mar 2024 10:20:30 GMT',
    'cache-control': 'private, no-cache',
  });
  const part = await get('/boot/debian/linux', { headers: { range: 'bytes=1-2' } });
  t.is(part.status, 206);
  t.is(String(part.body), 'er');
  t.is(part.headers['content-range'], 'bytes 1-2/6');
  const head = await get('/boot//debian/linux', { method: 'HEAD' });
  t.like(head, { status: 200, body: Buffer.alloc(0) });
  t.is(head.headers['content-length'], '6');
  const same = await get('/boot/debian/linux', {
    headers: { 'if-none-match': String(whole.headers.etag) },
  });
  t.is(same.status, 304);
  t.like(sent, [
    { name: 'compute-0-0', outcome: 'sent', path: 'debian/linux', sizeBytes: 6 },
    { name: 'compute-0-0', outcome: 'sent', path: 'debian/linux', sizeBytes: 2 },
  ]);
  t.is(sent.length, 2, 'what has no body is no part of the story');
  t.is(counts.sentBytes, 8);
});

test('several ramdisks come as one', async (t) => {
  const { get } = await serve(t);
  const { body, headers } = await get('/boot/debian/initrd,agent/overlay');
  t.is(String(body), '12345\0\0\0overlay\0');
  t.is(headers['content-length'], '16');
});

test('a machine is known by its connection, whatever its headers say', async (t) => {
  const { get } = await serve(t);
  const headers = {
    'x-forwarded-for': '127.0.0.3',
    forwarded: 'for=127.0.0.3',
    'x-real-ip': '127.0.0.3',
  };
  t.is(String((await get('/boot/own', { headers })).body), 'of compute-0-0');
  t.is(String((await get('/boot/own', { from: '127.0.0.3' })).body), 'of compute-0-1');
  t.is((await get('/boot/own', { from: '127.0.0.4' })).status, 404);

  const mine = await get('/boot/pxelinux.cfg/01-52-54-00-ab-cd-01', {
    headers: { host: 'elsewhere', 'if-modified-since': new Date(Date.now() + 1e6).toUTCString() },
  });
  t.is(mine.status, 200);
  t.is(mine.headers['content-type'], 'text/plain; charset=utf-8');
  t.regex(String(mine.body), /debian\/linux/);
  t.false(String(mine.body).includes('elsewhere'), 'a Host header is written nowhere');
});

test("another machine's configuration and files are not given", async (t) => {
  const { get } = await serve(t);
  for (const target of [
    '/boot/pxelinux.cfg/01-52-54-00-ab-cd-02',
    '/boot/pxelinux.cfg/564d4c5a-0a4d-4ab3-9f1e-00163e2a0b02',
    '/boot/pxelinux.cfg/7F000003',
  ]) {
    t.is((await get(target)).status, 404, target);
    t.is((await get(target, { from: '127.0.0.3' })).status, 200, target);
    t.is((await get(target, { from: '127.0.0.4' })).status, 404, target);
  }
  for (const target of [
    '/boot/hosts/compute-0-1/own',
    '/boot/hosts%2fcompute-0-1%2fown',
    '/boot/debian/%2e%2e/hosts/compute-0-1/own',
    '/boot/%5chosts%5ccompute-0-1%5cown',
  ]) {
    const { status, body } = await get(target);
    t.true(status === 403 || status === 404, `${target}: ${status}`);
    t.false(String(body).includes('of compute'), target);
  }
});

const leadingOut = [
  '/boot/../secret',
  '/boot/debian/../../secret',
  '/boot/%2e%2e/secret',
  '/boot/..%2fsecret',
  '/boot/%252e%252e%252fsecret',
  '/boot/..%5csecret',
  '/boot/debian%00/linux',
  '/boot/debian/linux%0d%0ax:y',
  '/boot/out',
];
for (const target of leadingOut) {
  test(`${target} is refused, and stands in the machine's story`, async (t) => {
    const { sent, get } = await serve(t);
    const { status, headers, body } = await get(target);
    t.is(status, 403);
    t.is(headers['content-type'], 'text/plain; charset=utf-8');
    t.regex(String(body), /^expected .*, got .*\n$/);
    t.like(sent, [{ name: 'compute-0-0', outcome: 'refused' }]);
  });
}

test('what is not there, what is broken and what is no path is said in clear text', async (t) => {
  const { get } = await serve(t);
  const answers = [
    ['/boot/none', 404, /^expected a boot file 'none', found none/],
    ['/boot/', 404, /^expected \/boot\/<path>/],
    ['/boot', 404, /^expected \/boot\/<path>/],
    ['/boot/%zz', 400, /^expected an encoded path/],
    ['/boot/gone', 500, /a link to nothing/],
    ['/boot/debian', 500, /it is not a file/],
    [`/boot/${'a'.repeat(600)}`, 403, /too long/],
  ] as const;
  for (const [target, status, text] of answers) {
    const answer = await get(target);
    t.is(answer.status, status, target);
    t.regex(String(answer.body), text);
  }
});

test('a client that leaves in the middle stands in the story', async (t) => {
  const { folder, sent, counts, port } = await serve(t);
  await truncate(join(folder, 'debian/linux'), 64 * 1024 * 1024);
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
  socket.write('GET /boot/debian/linux HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  for (let waits = 0; sent.length === 0 && waits < 500; waits += 1) await delay(20);
  t.like(sent, [{ name: 'compute-0-0', outcome: 'aborted', path: 'debian/linux' }]);
  t.true(counts.sentBytes < 64 * 1024 * 1024, `${counts.sentBytes} bytes`);
});

test('the length is spelled as GRUB wants it, which else waits for ever', async (t) => {
  const { port } = await serve(t);
  for (const path of ['debian/linux', 'none']) {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /boot/${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    t.regex(await text(socket), /\r\nContent-Length: \d+\r\n/);
  }
});

test('a large file comes as it is', async (t) => {
  const large = 'abcdefg\n'.repeat(200_000);
  const { get } = await serve(t, { large });
  const { body } = await get('/boot/large');
  const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
  t.is(digest(body), digest(large));
});

test('what a machine that is no node asks for is told by the lease of its address', async (t) => {
  const { roots } = await makeRoots(t, contents);
  const mac = '52:54:00:ab:cd:09';
  const untilMs = Date.now() + 60_000;
  const leaseAt = (address: string) =>
    address === '127.0.0.4'
      ? ({ address, holder: mac, mac, state: 'bound', untilMs } as const)
      : undefined;
  const { port, figures } = await serveTrees(t, [], { boot: roots, leaseAt });
  for (const from of ['127.0.0.4', '127.0.0.5']) {
    for (const path of ['debian/linux', 'pxelinux.cfg/7F000004', 'pxelinux.cfg/default']) {
      await ask(port, `/boot/${path}`, { from });
    }
  }
  const { body } = await ask(port, `/api/v1/nodes/${mac}/events`);
  const { events } = JSON.parse(String(body));
  t.like(events, [
    { machine: mac, event: 'http', text: 'sent', path: 'debian/linux', sizeBytes: 6 },
    { machine: mac, event: 'http', text: 'refused', path: 'pxelinux.cfg/default' },
  ]);
  t.is(events.length, 2);
  t.is((await figures()).sentBootBytes, 12);
});

test('the frontend has it beside its trees, and only for GET and HEAD', async (t) => {
  const { roots } = await makeRoots(t, { ...contents, 'grub/grub.cfg': 'menu' });
  const { port } = await serveTrees(t, [], { boot: roots });
  t.is(String((await ask(port, '/boot/debian/linux')).body), 'kernel');
  t.is(String((await ask(port, '//boot/debian/linux')).body), 'kernel');
  t.is((await ask(port, '/boot/debian/linux', { method: 'POST' })).status, 405);
  t.is((await ask(port, '/bootleg')).status, 404);
  // Where GRUB looks that came by HTTP; nothing else of the roots is in the server's.
  t.is(String((await ask(port, '/grub/grub.cfg')).body), 'menu');
  t.is((await ask(port, '/debian/linux')).status, 404);
  const away = await serveTrees(t, [], { boot: roots, networks: ['10.0.0.0/8'] });
  t.is((await ask(away.port, '/boot/debian/linux')).status, 200, 'this machine is an operator');
});
