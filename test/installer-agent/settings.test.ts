import test from 'ava';
import fc from 'fast-check';
import { parseConfig } from '../../src/frontend/config.ts';
import { resolveSettings, SettingsError } from '../../src/installer-agent/settings.ts';
import { readRole } from '../../src/tracker/announce-request.ts';

const frontend = 'http://10.1.1.1';

test('the frontend alone is enough', (t) => {
  const settings = resolveSettings({ frontend }, '');
  t.is(settings.frontend.href, 'http://10.1.1.1/');
  t.deepEqual(settings.listen, { host: '127.0.0.1', port: 80 });
  t.deepEqual(settings.swarm, { host: '0.0.0.0', port: 6881 });
  t.is(settings.store.sizeBytes, undefined, 'the machine decides');
  t.is(settings.uploadBytesPerSecond, 0);
  t.is(settings.keyFile, undefined);
  t.is(settings.logLevel, 'info');
  t.false('role' in settings);
});

test('flags come before kernel arguments, kernel arguments before defaults', (t) => {
  const line =
    'quiet scree.frontend=http://10.9.9.9:8080 scree.store=/s scree.store-size=2G ' +
    'scree.key=/k.pem scree.role=compute scree.upload=900Mbit scree.listen=127.0.0.2:81 ' +
    'scree.swarm_address=10.9.0.1 scree.log-level=warn scree.swarm-port=7000';
  const settings = resolveSettings({ frontend, role: 'login' }, line);
  t.is(settings.frontend.host, '10.1.1.1');
  t.is(settings.role, 'login');
  t.deepEqual(settings.store, { folder: '/s', sizeBytes: 2 * 2 ** 30 });
  t.is(settings.keyFile, '/k.pem');
  t.is(settings.uploadBytesPerSecond, 112_500_000);
  t.deepEqual(settings.listen, { host: '127.0.0.2', port: 81 });
  t.deepEqual(settings.swarm, { host: '10.9.0.1', port: 7000 });
  t.is(settings.logLevel, 'warn');
  t.deepEqual(settings.warnings, []);
});

test('the installer is heard where the configuration of a frontend could say, too', (t) => {
  for (const [text, host, port] of [
    ['127.0.0.2:81', '127.0.0.2', 81],
    ['[::1]:8080', '::1', 8080],
    ['localhost:80', 'localhost', 80],
    [':18081', '127.0.0.1', 18_081],
    ['18081', '127.0.0.1', 18_081],
  ] as const) {
    t.deepEqual(resolveSettings({ frontend, listen: text }, '').listen, { host, port }, text);
    t.truthy(parseConfig(`http: { listen: "${text}" }`, 'scree.yaml'), text);
  }
});

test('a role that the agent takes is one that the tracker keeps', (t) => {
  const roles = fc.stringMatching(/^[\w.-]{1,40}$/);
  t.notThrows(() =>
    fc.assert(
      fc.property(roles, (role) => {
        const isTaken = role.length <= 32;
        const read = () => resolveSettings({ frontend, role }, '').role;
        if (!isTaken) t.throws(read, { code: 'wrong' });
        else t.is(read(), role);
        t.is(readRole(role), isTaken ? role : undefined);
      }),
    ),
  );
});

test('a wrong flag is refused by its name', (t) => {
  const wrong = {
    frontend: ['10.1.1.1', 'https://10.1.1.1', 'http://10.1.1.1/install', 'http://a@b', ''],
    listen: ['80x', '127.0.0.1:70000', '::80', '::1:80', '[127.0.0.1]:80', 'a b:80', ':', ''],
    swarmPort: ['-1', '65536', 'x'],
    swarmAddress: ['', 'a b'],
    store: ['', '12', '1K'],
    storeSize: ['much', '-1', '0', '12', '1023K', '9999999T'],
    role: ['', 'a b', 'x'.repeat(33), 'a\n'],
    upload: ['fast'],
    logLevel: ['loud'],
  } as const;
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const error = t.throws(() => resolveSettings({ frontend, [name]: value }, ''), {
        instanceOf: SettingsError,
      });
      const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      t.true(error?.message.startsWith(`--${flag}: expected `), error?.message);
    }
  }
});

test('a wrong kernel argument is left out with a warning, unless it is the frontend', (t) => {
  const settings = resolveSettings({ frontend }, 'scree.store-size=much scree.listen=no');
  t.is(settings.store.sizeBytes, undefined);
  t.is(settings.warnings.length, 2);
  t.regex(settings.warnings.join(), /scree\.store-size: expected a size/);
  t.throws(() => resolveSettings({}, 'scree.frontend=nonsense'), { code: 'wrong' });
});

test('a store is a size or a folder, the flag before the kernel argument in each', (t) => {
  const of = (flags: { store?: string; storeSize?: string }, line: string) =>
    resolveSettings({ frontend, ...flags }, line).store;
  t.like(of({}, 'scree.store=256M'), { sizeBytes: 2 ** 28 });
  t.true(of({}, 'scree.store=256M').folder.endsWith('scree-agent-127.0.0.1-80'));
  t.deepEqual(of({}, 'scree.store=/run/256M'), { folder: '/run/256M' });
  t.deepEqual(of({ store: './256M' }, ''), { folder: './256M' });
  t.deepEqual(of({ store: '1G' }, 'scree.store=/s scree.store-size=2M'), {
    folder: '/s',
    sizeBytes: 2 ** 30,
  });
  t.deepEqual(of({ store: '/f' }, 'scree.store=64M'), { folder: '/f', sizeBytes: 2 ** 26 });
  t.like(of({ storeSize: '8M' }, 'scree.store=64M'), { sizeBytes: 2 ** 23 });
  t.like(of({}, 'scree.store=64M scree.store-size=8M'), { sizeBytes: 2 ** 23 });
});

test('a folder that depends on where the agent is started is none for a kernel argument', (t) => {
  for (const text of ['store', './store', '12', '0', '5X']) {
    const { store, warnings } = resolveSettings({ frontend }, `scree.store=${text}`);
    t.is(store.sizeBytes, undefined);
    t.true(store.folder.startsWith('/'));
    t.regex(warnings.join(), /scree\.store: expected .*; left out/);
  }
});

test('without a frontend it is said how to name one', (t) => {
  t.throws(() => resolveSettings({}, 'quiet'), { code: 'missing', message: /scree\.frontend=URL/ });
});

test('any kernel command line gives settings or a SettingsError', (t) => {
  const word = fc.tuple(
    fc.constantFrom('frontend', 'listen', 'store', 'store-size', 'upload', 'swarm-port', 'role'),
    fc.string(),
  );
  const line = fc.array(word.map(([name, value]) => `scree.${name}=${value}`));
  t.notThrows(() =>
    fc.assert(
      fc.property(line, (words) => {
        try {
          resolveSettings({}, words.join(' '));
          return true;
        } catch (error) {
          return error instanceof SettingsError;
        }
      }),
    ),
  );
});

test('garbage in any kernel argument but the frontend’s never keeps an agent from starting', (t) => {
  const names = [
    ...['listen', 'store', 'store-size', 'upload', 'swarm-port', 'swarm-address', 'role', 'key'],
    ...['token', 'linger', 'log-level', 'no-such-argument'],
  ];
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '-1', '1e9', '∞', '/'));
  const word = fc.tuple(fc.constantFrom(...names), text);
  const words = fc.array(word, { size: 'max', maxLength: 20 });
  t.notThrows(() =>
    fc.assert(
      fc.property(words, (given) => {
        const line = given.map(([name, value]) => `scree.${name}=${value}`).join(' ');
        const { lingerSeconds = -1, token = '0-', listen } = resolveSettings({ frontend }, line);
        const isSane = lingerSeconds >= 0 && lingerSeconds <= 86_400 && listen.port <= 65_535;
        if (!isSane || !/^\d+-[\da-f]*$/.test(token)) throw new Error('expected sane settings');
      }),
    ),
  );
});

test('the token of an install is taken as it is, and one that is broken is not shown', (t) => {
  const token = `12-${'0a'.repeat(16)}`;
  t.is(resolveSettings({ frontend }, `scree.token=${token}`).token, token);
  t.is(resolveSettings({ frontend, token }, 'scree.token=x').token, token);
  t.is(resolveSettings({ frontend }, '').lingerSeconds, 120);
  t.is(resolveSettings({ frontend, linger: '0' }, 'scree.linger=7').lingerSeconds, 0);
  const { token: none, warnings } = resolveSettings({ frontend }, `scree.token=${token}0`);
  t.is(none, undefined);
  t.regex(warnings.join(), /scree\.token: expected the token of an install/);
  t.notRegex(warnings.join(), /0a0a/);
  t.throws(() => resolveSettings({ frontend, linger: '-1' }, ''), { code: 'wrong' });
});
