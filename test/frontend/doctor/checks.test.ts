import test from 'ava';
import { checkClock } from '../../../src/frontend/doctor/clock.ts';
import { checkLimits } from '../../../src/frontend/doctor/limits.ts';
import { checkPort, type PortFacts } from '../../../src/frontend/doctor/ports.ts';
import { checkRunning, type Running } from '../../../src/frontend/doctor/running.ts';
import { checkState, type StateFacts } from '../../../src/frontend/doctor/state.ts';
import { type Cases, declareTests } from './cases.ts';

const none: Running = { kind: 'none' };
const ours: Running = { kind: 'running', pid: 7 };

const goodState: StateFacts = {
  path: '/srv/scree',
  folder: 'there',
  isWritable: true,
  ownerId: 1000,
  userId: 1000,
  keyMode: 0o600,
  freeBytes: 50 * 1024 ** 3,
  freeFiles: 100_000,
};
const state = (facts: Partial<StateFacts>) => checkState({ ...goodState, ...facts });

const web: PortFacts = {
  ...{ key: 'http.listen', protocol: 'tcp', host: '10.1.1.1', port: 80 },
  ...{ state: { kind: 'free' }, owners: [] },
};
const taken = { kind: 'taken' } as const;
const port = (facts: Partial<PortFacts>, running: Running = none) => [
  checkPort({ ...web, ...facts }, running),
];
const dhcpPort = { key: 'dhcp', protocol: 'udp', host: '0.0.0.0', port: 67 } as const;

const nowMs = Date.UTC(2026, 10, 22);
const clock = (facts: Partial<Parameters<typeof checkClock>[0]>) => [
  checkClock({ nowMs, newest: undefined, ...facts }),
];
const written = (mtimeMs: number) => ({ path: '/srv/scree/leases', mtimeMs });

const limits = (openFilesLimit: number | undefined) =>
  checkLimits({ openFilesLimit, isOfFrontend: false });

const cases: Cases = [
  ['a state folder of this user', state({}), 'ok', /can be written to/],
  ['a state folder that is not there yet', state({ folder: 'missing' }), 'ok', /can be made/],
  [
    'a state folder that cannot be made',
    state({ folder: 'missing', isWritable: false, ownerId: undefined }),
    'problem',
    /cannot be made.*start as root/,
  ],
  ['a state folder of another user', state({ userId: 5 }), 'problem', /user 1000, this is user 5/],
  ['another user’s state folder, for root', state({ userId: 0 }), 'ok', /can be written/],
  ['a state folder on a read-only disk', state({ isWritable: false }), 'problem', /written to/],
  ['a file as state folder', state({ folder: { unusable: 'no folder' } }), 'problem', /no folder/],
  ['a key that others may read', state({ keyMode: 0o640 }), 'warning', /mode 640.*chmod 600/],
  ['a disk that is nearly full', state({ freeBytes: 5e8 }), 'warning', /476.8 MiB.*make room/],
  ['a full disk', state({ freeBytes: 1e6 }), 'problem', /976.6 KiB/],
  ['a disk without room for files', state({ freeFiles: 5 }), 'problem', /no more than 5 files/],
  ['a file system without such a limit', state({ freeFiles: undefined }), 'ok', /50.0 GiB/],

  ['no frontend', [checkRunning(none)], 'ok', /none runs/],
  ['a frontend', [checkRunning(ours)], 'ok', /process 7/],
  [
    'a frontend of which nothing can be told',
    [checkRunning({ kind: 'unknown', reason: 'EACCES' })],
    'warning',
    /EACCES.*owner/,
  ],

  ['a free port', port({}), 'ok', /TCP 10\.1\.1\.1:80 is free/],
  [
    'a port that the frontend that runs does not have',
    port({}, ours),
    'warning',
    /another configuration.*restart/,
  ],
  [
    'a port of the frontend that runs',
    port({ state: taken, owners: [{ pid: 7, name: 'node' }] }, ours),
    'ok',
    /used by the frontend/,
  ],
  [
    'a port of somebody while a frontend runs, unseen',
    port({ state: taken }, ours),
    'ok',
    /most likely/,
  ],
  [
    'a port of another program',
    port({ state: taken, owners: [{ pid: 9, name: 'nginx' }] }, ours),
    'problem',
    /nginx \(process 9\).*'http\.listen'/,
  ],
  ['a port of somebody', port({ state: taken }), 'problem', /another program.*as root/],
  [
    'an address of another machine',
    port({ state: { kind: 'no-such-address' } }),
    'problem',
    /10\.1\.1\.1:80 is not an address of this machine/,
  ],
  ['a port for root', port({ state: { kind: 'not-allowed' } }), 'warning', /not looked.*as root/],
  [
    'a port with any other trouble',
    port({ state: { kind: 'failed', reason: 'EINVAL' } }),
    'problem',
    /EINVAL/,
  ],
  [
    'DHCP’s port on its interface',
    port({ ...dhcpPort, interfaceName: 'eth1' }),
    'ok',
    /UDP 67 on eth1 is free/,
  ],
  [
    'DHCP’s port on no interface',
    port({ ...dhcpPort, interfaceName: 'eth7', state: { kind: 'no-such-address' } }),
    'problem',
    /eth7 is not an interface/,
  ],

  ['a clock', clock({ newest: written(nowMs) }), 'ok', /^2026-11-22T00:00:00Z/],
  ['a clock of 1970', clock({ nowMs: 5_000 }), 'problem', /1970-01-01T00:00:05Z, which cannot be/],
  ['a clock of another century', clock({ nowMs: Date.UTC(2107, 0) }), 'problem', /2107/],
  [
    'a clock that was set back',
    clock({ newest: written(nowMs + 3_600_000) }),
    'problem',
    /'\/srv\/scree\/leases' was written at 2026-11-22T01:00:00Z.*NTP/,
  ],
  ['a clock that was set back a little', clock({ newest: written(nowMs + 5_000) }), 'ok', /2026/],

  ['enough open files', limits(20_000), 'ok', /20000/],
  ['as many as wanted', limits(Infinity), 'ok', /any number of files/],
  ['too few open files', limits(1_024), 'warning', /1024 .*LimitNOFILE=65536/],
];

declareTests(cases);

test('what cannot be told of the limits is no finding', (t) => {
  t.deepEqual(limits(undefined), []);
});
