import { resolve } from 'node:path';
import test from 'ava';
import { createRack } from '../support/rack.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
];
const module = resolve('src/runtime/interface-socket.ts');

/** A host with a second interface, eth1, whose other end, of the same name, is the machine's. */
async function createTwoArmedHost() {
  const rack = await createRack({ hosts });
  const [host, machine] = [rack.host('frontend'), rack.host('machine')];
  await host.run([
    ...['sh', '-ec'],
    `ip link add eth1 type veth peer name eth1 netns ${machine.namespace}
     ip addr add 10.99.0.1/24 dev eth1
     ip link set eth1 up`,
  ]);
  await machine.run(['sh', '-ec', 'ip addr add 10.99.0.2/24 dev eth1; ip link set eth1 up']);
  return { rack, host, machine };
}

/** Says on which interface each question came, and answers there. */
const answering = `
  const { openInterfaceSocket } = await import('${module}');
  for (const interfaceName of ['eth0', 'eth1']) {
    const { socket } = await openInterfaceSocket({ interfaceName, port: 67 });
    socket.on('message', (question) => {
      console.log(interfaceName + ' ' + question);
      socket.send('answer', 68, '255.255.255.255');
    });
  }
  console.log('ready');
`;

/** Asks on eth1, and says what is heard on both. */
const asking = `
  const { openInterfaceSocket } = await import('${module}');
  const heard = [];
  const open = async (interfaceName) => {
    const opened = await openInterfaceSocket({ interfaceName, port: 68 });
    opened.socket.on('message', (answer) => heard.push(interfaceName + ' ' + answer));
    return opened;
  };
  const [eth0, eth1] = [await open('eth0'), await open('eth1')];
  eth1.socket.send('question', 67, '255.255.255.255');
  for (let turn = 0; turn < 100 && heard.length === 0; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log(heard.join(', '));
  await Promise.all([eth0.close(), eth1.close()]);
`;

const runs = (script: string) => [process.execPath, '--input-type=module', '-e', script];

test('a socket hears and answers on its own interface only', async (t) => {
  const { rack, host, machine } = await createTwoArmedHost();
  t.teardown(rack.remove);
  const server = host.start(runs(answering));
  await server.waitForLine(/^ready$/, 20_000);
  const { stdout } = await machine.run(runs(asking));
  t.is(stdout, 'eth1 answer');
  t.deepEqual(server.stdout.lines(), ['ready', 'eth1 question']);
});

test('a client that does not answer ARP yet is known by what it is told, as long as it has to be', async (t) => {
  const { rack, host } = await createTwoArmedHost();
  t.teardown(rack.remove);
  const script = `
    const { openInterfaceSocket } = await import('${module}');
    const socket = await openInterfaceSocket({ interfaceName: 'eth1', port: 67 });
    socket.setNeighbour('10.99.0.77', '02:00:00:00:00:77');
    socket.setNeighbour('10.99.0.78', '02:00:00:00:00:78');
    socket.forgetNeighbour('10.99.0.78');
    socket.forgetNeighbour('10.99.0.79');
    await socket.close();
  `;
  await host.run(runs(script));
  const { stdout } = await host.run(['ip', 'neigh', 'show', 'dev', 'eth1', 'nud', 'all']);
  t.regex(stdout, /10\.99\.0\.77 lladdr 02:00:00:00:00:77/);
  t.notRegex(stdout, /10\.99\.0\.7[89]/);
});

test('what a thousand machines say in one moment is heard, however late', async (t) => {
  const { rack, host } = await createTwoArmedHost();
  t.teardown(rack.remove);
  const script = `
    const { createSocket } = await import('node:dgram');
    const { openInterfaceSocket } = await import('${module}');
    const { socket, close } = await openInterfaceSocket({ interfaceName: 'lo', port: 67 });
    let heardCount = 0;
    socket.on('message', () => { heardCount += 1; });
    const machines = createSocket('udp4');
    await new Promise((resolve) => machines.connect(67, '127.0.0.1', resolve));
    // All of them leave before this process gets to hear the first.
    for (let sent = 0; sent < 1000; sent += 1) machines.send(Buffer.alloc(600));
    for (let turn = 0; turn < 100 && heardCount < 1000; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(heardCount);
    machines.close();
    await close();
  `;
  t.is((await host.run(runs(script))).stdout, '1000');
});

test('a port that is taken and an interface that is not there are clear errors', async (t) => {
  const { rack, host } = await createTwoArmedHost();
  t.teardown(rack.remove);
  const script = `
    const { openInterfaceSocket } = await import('${module}');
    const open = (interfaceName) => openInterfaceSocket({ interfaceName, port: 67 });
    const first = await open('eth1');
    for (const name of ['eth1', 'eth7', 'a name that is too long']) {
      await open(name).catch(({ code, message }) => console.log(code + ': ' + message));
    }
    await first.close();
  `;
  const { stdout } = await host.run(runs(script));
  const [taken = '', absent = '', wrong = ''] = stdout.split('\n');
  t.regex(taken, /^in-use: expected UDP port 67 on eth1, got another program there/);
  t.regex(absent, /^no-interface: expected UDP port 67 on eth7, got no such interface/);
  t.regex(wrong, /^no-interface: expected the name of an interface/);
});
