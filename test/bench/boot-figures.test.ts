import test from 'ava';
import fc from 'fast-check';
import { type Figures, mediansOf, type Run } from '../../bench/boot/figures.ts';
import { judgeGoals } from '../../bench/boot/goals.ts';
import { machineAt } from '../../bench/boot/machines.ts';
import { highestKept, nextRate, type Trial } from '../../bench/boot/next-rate.ts';
import { parseOptions } from '../../bench/boot/options.ts';
import { countChanges } from '../../bench/boot/part-rearm.ts';
import { parsePerfdhcp } from '../../bench/boot/perfdhcp.ts';
import { renderFailures, renderMedians, renderRuns } from '../../bench/boot/report.ts';
import { summarize } from '../../bench/boot/summary.ts';

const search = { first: 200, least: 5, most: 20_000, fineness: 1.1 };

test('the search for a rate ends, and finds what a steady server keeps up with', (t) => {
  const findsIt = (capacity: number): boolean => {
    const trials: Trial[] = [];
    for (let rate = nextRate(trials, search); rate !== undefined; rate = nextRate(trials, search)) {
      trials.push({ ratePerSecond: rate, isKept: rate <= capacity });
      if (trials.length > 40) return false;
    }
    const found = highestKept(trials);
    if (capacity < search.least) return found <= capacity;
    return found <= capacity && found >= Math.min(capacity, search.most) / search.fineness - 1;
  };
  const assert = () => fc.assert(fc.property(fc.integer({ min: 0, max: 100_000 }), findsIt));
  t.notThrows(assert);
});

test('a rate that failed once is tried again', (t) => {
  const failed = { ratePerSecond: 200, isKept: false };
  t.is(nextRate([], search), 200);
  t.is(nextRate([failed], search), 200);
  t.is(nextRate([failed, { ratePerSecond: 200, isKept: true }], search), 400);
  t.is(nextRate([failed, failed], search), 100);
});

test('machines have the MACs that perfdhcp counts up to, and addresses of their own', (t) => {
  t.deepEqual(machineAt(0), {
    name: 'compute-0-0',
    mac: '02:5c:00:00:00:00',
    address: '10.88.16.0',
  });
  t.deepEqual(machineAt(999), {
    name: 'compute-3-249',
    mac: '02:5c:00:00:03:e7',
    address: '10.88.19.231',
  });
});

const steady = `***Rate statistics***
Rate: 256.841 4-way exchanges/second, expected rate: 300
***Statistics for: DISCOVER-OFFER***
sent packets: 899
received packets: 898
avg delay: 0.479 ms
***Statistics for: REQUEST-ACK***
sent packets: 898
received packets: 897
drops ratio: 0.111 %
avg delay: 0.947 ms
`;

test('what perfdhcp prints is read, with and without the time for all', (t) => {
  const expected = { begun: 899, completed: 897, meanDelayMs: 0.947, resent: 0 };
  t.deepEqual(parsePerfdhcp(steady), { ...expected, provisionSeconds: undefined });
  const all = `${steady}It took 00:01:03.25 to provision 899 clients. \nRequests resent: 17\n`;
  t.deepEqual(parsePerfdhcp(all), { ...expected, resent: 17, provisionSeconds: 63.25 });
  t.throws(() => parsePerfdhcp('Usage: perfdhcp'), { code: 'client-failed' });
});

function run(part: Run['part'], server: string, setting: string, figures: Figures): Run {
  return { part, server, setting, figures };
}

const sizes = { machines: 1000, clients: [1, 64] };
const runs: Run[] = [
  run('dhcp', 'scree', '1000 reserved', { exchangesPerSecond: 900 }),
  run('dhcp', 'scree', '1000 reserved', { exchangesPerSecond: 1000 }),
  run('dhcp', 'scree', '1000 reserved', { exchangesPerSecond: 3000 }),
  run('dhcp', 'dnsmasq', '1000 reserved', { exchangesPerSecond: 500 }),
  run('dhcp', 'scree', 'dynamic range', { exchangesPerSecond: 90 }),
  run('dhcp', 'dnsmasq', 'dynamic range', { exchangesPerSecond: 100 }),
  run('burst', 'scree', '1000 within a second', { lostCount: 0, lastBoundSeconds: 1.3 }),
  run('burst', 'scree', '1000 at once, by a relay agent', { lostCount: 0, lastBoundSeconds: 5.5 }),
  run('tftp', 'scree', '1 client, window 1', { megabytesPerSecond: 80 }),
  run('tftp', 'scree', '1 client, window 16', { megabytesPerSecond: 300 }),
  run('tftp', 'tftpd-hpa', '1 client, window 1', { megabytesPerSecond: 90 }),
  run('tftp', 'dnsmasq', '1 client, window 1', { megabytesPerSecond: 100 }),
  { part: 'tftp', server: 'tftpd-hpa', setting: 'all', failure: 'nobody came' },
];

test('ratios are those of medians, against the better of the other servers', (t) => {
  t.deepEqual(summarize(mediansOf(runs), sizes), {
    dhcpToDnsmasq: 0.9,
    dhcpReserved: 2,
    dhcpRange: 0.9,
    burstLostCount: 0,
    burstSeconds: 5.5,
    tftpSingle: 0.8,
    tftpSingleWindow: 3,
    tftpSingleBetter: 'dnsmasq',
  });
});

test('goals are judged where something was measured, and fail when they are missed', (t) => {
  const verdicts = judgeGoals(summarize(mediansOf(runs), sizes));
  t.is(verdicts.length, 5);
  t.deepEqual(
    verdicts.filter(({ isReached }) => !isReached).map(({ goal }) => goal),
    ["DHCP exchanges ÷ dnsmasq's", 'seconds until the last one has its address'],
  );
});

test('the tables name every run, what failed and why', (t) => {
  t.regex(renderMedians(runs), /^\| scree +\| +1000 reserved \| +1000 \|/m);
  t.is(renderRuns(runs).match(/1000 reserved/g)?.length, 4);
  t.is(renderFailures(runs), '- tftp, tftpd-hpa, all: nobody came');
});

test('a file that is new, gone or written anew is a change', (t) => {
  const before = new Map([
    ['same', '1'],
    ['gone', '1'],
    ['written', '1'],
  ]);
  const after = new Map([
    ['same', '1'],
    ['new', '1'],
    ['written', '2'],
  ]);
  t.is(countChanges(before, after), 3);
});

test('options have defaults for a rack, and mistakes are refused in words', (t) => {
  const options = parseOptions([]);
  t.deepEqual(options?.parts, ['dhcp', 'burst', 'rearm', 'tftp']);
  t.deepEqual(options?.clients, [1, 64]);
  t.is(options?.initrdBytes, 30 * 2 ** 20);
  t.is(options?.machines, 1000);
  t.true(options?.save);
  const quick = parseOptions(['--quick', '--clients', '2', '--only', 'tftp']);
  t.deepEqual([quick?.runs, quick?.save, quick?.clients, quick?.parts], [1, false, [2], ['tftp']]);
  t.is(parseOptions(['--help']), undefined);
  const refusal = (...argv: string[]) =>
    t.throws(() => parseOptions(argv), { code: 'usage' })?.message ?? '';
  t.regex(refusal('--only', 'dhcp,bootp'), /got 'bootp'/);
  t.regex(refusal('--clients', '500'), /1 to 128, got '500'/);
  t.regex(refusal('--runs', 'x'), /got 'x'/);
  t.truthy(refusal('--nonsense'));
});
