import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { redfishMethod } from '../../../../src/frontend/reinstall/power/redfish.ts';
import type { PowerTarget } from '../../../../src/frontend/reinstall/power/types.ts';

const { signal } = new AbortController();
const system = '/redfish/v1/Systems/1';
const reset = `${system}/Actions/ComputerSystem.Reset`;

type Answers = Readonly<Record<string, unknown>>;

const usual: Answers = {
  'GET /redfish/v1/Systems': { Members: [{ '@odata.id': system }] },
  [`GET ${system}`]: {
    PowerState: 'On',
    Actions: { '#ComputerSystem.Reset': { target: reset } },
  },
  [`PATCH ${system}`]: {},
  [`POST ${reset}`]: {},
};

/** A board's controller; what was asked of it. A number as an answer is its status. */
async function startBmc(t: ExecutionContext, answers: Answers) {
  const asked: string[] = [];
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    asked.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`);
    const isKnown = request.headers.authorization === `Basic ${btoa('root:hidden')}`;
    const answer = isKnown ? answers[`${request.method} ${request.url}`] : 401;
    response.statusCode = typeof answer === 'number' ? answer : 200;
    response.end(typeof answer === 'object' ? JSON.stringify(answer) : '');
  };
  const server = createServer((request, response) => void answerTo(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const target = (attributes: Readonly<Record<string, string>> = {}): PowerTarget => ({
    name: 'compute-0-0',
    mac: '52:54:00:00:00:01',
    address: undefined,
    attributes: new Map(
      Object.entries({
        'bmc-address': `http://127.0.0.1:${port}`,
        'bmc-user': 'root',
        'bmc-password': 'hidden',
        ...attributes,
      }),
    ),
    hideSecrets: (text) => text,
  });
  return { asked, target };
}

test('a machine that runs boots from the network once, and is restarted', async (t) => {
  const { asked, target } = await startBmc(t, usual);
  await redfishMethod.cycle(target(), signal);
  t.deepEqual(asked, [
    'GET /redfish/v1/Systems',
    `GET ${system}`,
    `PATCH ${system} {"Boot":{"BootSourceOverrideEnabled":"Once","BootSourceOverrideTarget":"Pxe"}}`,
    `POST ${reset} {"ResetType":"ForceRestart"}`,
  ]);
  t.false(redfishMethod.describe(target()).includes('hidden'));
});

test('a machine that is off is switched on; that it cannot be told what to boot is no reason', async (t) => {
  const off = { PowerState: 'Off', Actions: { '#ComputerSystem.Reset': { target: reset } } };
  const { asked, target } = await startBmc(t, {
    ...usual,
    [`GET ${system}`]: off,
    [`PATCH ${system}`]: 405,
  });
  await redfishMethod.cycle(target(), signal);
  t.is(asked.at(-1), `POST ${reset} {"ResetType":"On"}`);
});

test('refusals say what to look at', async (t) => {
  const { target } = await startBmc(t, { ...usual, [`POST ${reset}`]: 503 });
  await t.throwsAsync(redfishMethod.cycle(target({ 'bmc-password': 'x' }), signal), {
    code: 'not-switched',
    message: /status 401; are bmc-user and bmc-password right\?/,
  });
  await t.throwsAsync(redfishMethod.cycle(target(), signal), { message: /Reset: status 503/ });
  await t.throwsAsync(
    redfishMethod.cycle(target({ 'bmc-address': 'http://127.0.0.1:1' }), signal),
    {
      message: /127\.0\.0\.1:1 .*ECONNREFUSED/,
    },
  );
});

test('of a controller with several systems one has to be named', async (t) => {
  const two = { Members: [{ '@odata.id': '/a' }, { '@odata.id': system }] };
  const { asked, target } = await startBmc(t, { ...usual, 'GET /redfish/v1/Systems': two });
  await t.throwsAsync(redfishMethod.cycle(target(), signal), { message: /bmc-system/ });
  await redfishMethod.cycle(target({ 'bmc-system': system }), signal);
  t.is(asked.at(-1), `POST ${reset} {"ResetType":"ForceRestart"}`);
});

test('nothing is asked of another host, whatever the controller says', async (t) => {
  const elsewhere = { '#ComputerSystem.Reset': { target: '//127.0.0.2/reset' } };
  const answers = { ...usual, [`GET ${system}`]: { PowerState: 'On', Actions: elsewhere } };
  const { target } = await startBmc(t, answers);
  await t.throwsAsync(redfishMethod.cycle(target(), signal), { code: 'not-switched' });
  const broken = await startBmc(t, { ...usual, [`GET ${system}`]: { Actions: {} } });
  await t.throwsAsync(redfishMethod.cycle(broken.target(), signal), {
    message: /as Redfish has it, but Actions/,
  });
});
