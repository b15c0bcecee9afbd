import { connect, createServer } from 'node:net';
import { type CodecName, codecs } from './codecs.ts';

// One side of one measurement, in a process of its own: `serve CODEC BYTES` prints its port and,
// told to go, its CPU seconds; `fetch CODEC BYTES COUNT PORT` prints its own.

const [role, name, blockText, countText, portText] = process.argv.slice(2);
const codec = codecs[name as CodecName];
const blockBytes = Number(blockText);

if (role === 'serve') {
  const block = Buffer.alloc(blockBytes, 7);
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    codec.serve(socket, block);
    socket.on('close', () => {
      console.log(cpuSeconds());
      server.close();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') console.log(address?.port);
  });
} else {
  const socket = connect({ port: Number(portText), host: '127.0.0.1', noDelay: true });
  await codec.fetch(socket, Number(countText), blockBytes);
  console.log(cpuSeconds());
  socket.destroy();
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
