import { connect } from 'node:net';
import type { AskedEvent, Asker } from './asker.ts';
import type { LoadPeer } from './machines.ts';

const patienceMs = 5_000;

/** A connection for each announce, from the machine's own address, as most clients do it. */
export function createHttpAsker(port: number): Asker {
  return {
    ask: (peer, event, done) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress: peer.address });
      let isDone = false;
      const end = (isAnswered: boolean) => {
        if (isDone) return;
        isDone = true;
        socket.destroy();
        done(isAnswered);
      };
      let text = '';
      socket.setTimeout(patienceMs, () => end(false));
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (isWhole(text)) end(text.includes('5:peers'));
      });
      socket.on('error', () => end(false));
      socket.on('close', () => end(text.includes('5:peers')));
      socket.write(requestOf(peer, event));
    },
    close: () => {},
  };
}

function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /content-length:\s*(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  return length !== undefined && text.length >= headEnd + 4 + Number(length);
}

function requestOf(peer: LoadPeer, event: AskedEvent): string {
  const query = [
    `info_hash=${percentEncode(peer.infohash)}`,
    `peer_id=${percentEncode(peer.peerId)}`,
    `port=${peer.port}&uploaded=0&downloaded=0&left=${peer.leftBytes}`,
    'compact=1&numwant=50',
    ...(event === 'started' ? ['event=started'] : []),
  ].join('&');
  return `GET /announce?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
}

function percentEncode(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/../g, (byte) => `%${byte}`);
}
