// webtorrent as a client: downloads a torrent, then seeds it until it is ended.
// Arguments: torrent file, folder, address, port. Prints `complete` once.
import { Socket as UdpSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';
import WebTorrent from 'webtorrent';

const [torrentFile, folder, address, port] = process.argv.slice(2);

// It has no option for the address: it would listen on all of them.
const { listen } = Server.prototype;
Server.prototype.listen = function listenOnAddress(wantedPort, ...rest) {
  return listen.call(this, { port: wantedPort, host: address }, ...rest);
};
const { connect } = Socket.prototype;
Socket.prototype.connect = function connectFromAddress(...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first.port !== undefined) first.localAddress = address;
  return connect.apply(this, args);
};
const { send } = UdpSocket.prototype;
UdpSocket.prototype.send = function sendFromAddress(...args) {
  if (!this.isBoundToAddress) this.bind({ port: 0, address });
  this.isBoundToAddress = true;
  return send.apply(this, args);
};

const client = new WebTorrent({
  torrentPort: Number(port),
  dht: false,
  lsd: false,
  utPex: false,
  utp: false,
  natUpnp: false,
  natPmp: false,
  // It would begin every call encrypted, and never try again without.
  secure: 0,
});
client.on('error', (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
const torrent = client.add(torrentFile, { path: folder });
torrent.on('warning', (warning) => process.stderr.write(`${warning.message ?? warning}\n`));
torrent.on('done', () => process.stdout.write('complete\n'));
