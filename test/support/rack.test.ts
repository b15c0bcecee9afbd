import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import test from 'ava';
import { limitSeconds } from './limit-seconds.ts';
import { createLineBuffer } from './line-buffer.ts';
import { parseCpuSeconds, parsePeakMemoryBytes, readProcessUsage } from './process-usage.ts';
import { parseSentBytes, renderShaping } from './rack-shaping.ts';

const tree = { sizeBytes: 64 * 2 ** 20 };

test('the limit of equal ports is one tree through one port, with the headers of full segments', (t) => {
  const rate = 40e6;
  const limit = limitSeconds({
    ...tree,
    frontendBitsPerSecond: rate,
    nodesBitsPerSecond: Array.from({ length: 8 }, () => rate),
  });
  t.is(limit.toFixed(2), '14.03');
});

test('the limit follows whatever is slowest', (t) => {
  const limit = (frontendBitsPerSecond: number, nodesBitsPerSecond: number[]) =>
    Math.round(limitSeconds({ ...tree, frontendBitsPerSecond, nodesBitsPerSecond }));
  t.is(limit(10e6, [40e6, 40e6]), 56, "the frontend's port");
  t.is(limit(40e6, [40e6, 20e6]), 28, "a node's port");
  t.is(limit(100e6, [200e6]), 6, 'one node: the frontend');
});

test('the limit of nodes that start apart lies behind the last start', (t) => {
  const rate = 40e6;
  const limit = (frontendBitsPerSecond: number, startsSeconds: number[]) =>
    limitSeconds({
      ...tree,
      frontendBitsPerSecond,
      nodesBitsPerSecond: startsSeconds.map(() => rate),
      startsSeconds,
    }).toFixed(1);
  t.is(limit(rate, [0, 10, 30]), '44.0', 'the last one starts at 30 s');
  t.is(limit(rate, [5, 15, 35]), '44.0', 'and all counts from the first start');
  t.is(limit(rate, [0, 0, 0, 1]), '15.0', 'one second late');
  t.is(limit(4e6, [0, 0, 30]), '140.3', "a slow frontend's port");
});

test('behind uplinks a tree comes in once a rack, and a frontend that is gone is waited for', (t) => {
  const rate = 10e6;
  const ports = { frontendBitsPerSecond: rate, nodesBitsPerSecond: Array(32).fill(rate) };
  const limit = (more: object) => limitSeconds({ ...tree, ...ports, ...more }).toFixed(1);
  t.is(limit({ uplinksBitsPerSecond: [20e6, 20e6, 20e6, 20e6] }), '56.1', 'a port is slower');
  t.is(limit({ uplinksBitsPerSecond: [20e6, 20e6, 20e6, 4e6] }), '140.3', 'a thin uplink');
  t.is(limit({ frontendGone: { fromSeconds: 28, forSeconds: 10 } }), '66.1');
  t.is(limit({ frontendGone: { fromSeconds: 57, forSeconds: 10 } }), '56.1', 'all has left');
});

test('CPU time counts children that were reaped, whatever the program is called', (t) => {
  const stat = '42 (a ) S 1) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 1 0 9 0 0';
  t.is(parseCpuSeconds(stat), 2.5);
});

test('peak memory is VmHWM, and nothing for a process without memory', (t) => {
  t.is(parsePeakMemoryBytes('Name:\tx\nVmHWM:\t    1234 kB\nVmRSS:\t 1000 kB\n'), 1234 * 1024);
  t.is(parsePeakMemoryBytes('Name:\tx\nState:\tZ (zombie)\n'), 0);
});

test('the usage of this process can be read, that of none cannot', (t) => {
  const usage = readProcessUsage(process.pid);
  t.true((usage?.cpuSeconds ?? 0) > 0);
  t.true((usage?.peakMemoryBytes ?? 0) > 10e6);
  const beyondAll = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
  t.is(readProcessUsage(beyondAll), undefined);
});

test('sent bytes are those of the root queue', (t) => {
  t.is(parseSentBytes('[{"kind":"tbf","root":true,"bytes":90},{"kind":"pfifo","bytes":7}]'), 90);
  t.is(parseSentBytes('[]'), 0);
});

test('a port is shaped with the stated bucket and queue', (t) => {
  t.is(
    renderShaping('eth0', 40e6),
    'qdisc replace dev eth0 root tbf rate 40000000bit burst 98304 limit 524288',
  );
});

test('a line is found when it is there already and when it comes later, in parts', async (t) => {
  const stream = new Readable({ read: () => {} });
  const buffer = createLineBuffer(stream);
  const later = buffer.find(/^ready/);
  stream.push('first\nrea');
  stream.push('dy 80\nlast');
  t.is(await later, 'ready 80');
  t.is(await buffer.find(/first/), 'first');
  stream.push(null);
  t.is(await buffer.find(/last/), 'last');
  t.deepEqual(buffer.lines(), ['first', 'ready 80', 'last']);
});
