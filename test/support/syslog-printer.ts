import { createSocket } from 'node:dgram';

// Prints what machines send to the syslog port, a line each, and by whom and when it came:
//   10.88.0.50 1700000000000 daemon.info main-menu[299]: INFO: …
const [address = '127.0.0.1', port = '514'] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (message, { address: sender }) => {
  const text = message.toString('utf8').replace(/^<\d+>/, '');
  process.stdout.write(`${sender} ${Date.now()} ${text.replace(/\s+/g, ' ')}\n`);
});
socket.bind(Number(port), address, () => process.stdout.write('ready\n'));
