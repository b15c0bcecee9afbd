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
  t.is(settings.store.sizeBytes, 256 * 2 ** 20);
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
    storeSize: ['much', '-1'],
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
  t.is(settings.store.sizeBytes, 256 * 2 ** 20);
  t.is(settings.warnings.length, 2);
  t.regex(settings.warnings.join(), /scree\.store-size: expected a size/);
  t.throws(() => resolveSettings({}, 'scree.frontend=nonsense'), { code: 'wrong' });
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
