import type { Machine } from './machine.ts';

const chunkBytes = 64 * 1024;

/** Sends so many bytes over a connection of their own; `done` is called when the last has come. */
export function sendStream(
  { from, to }: { readonly from: Machine; readonly to: Machine },
  sizeBytes: number,
  done: () => void,
): void {
  const channel = from.channelTo(to, () => {});
  for (let sent = 0; sent < sizeBytes; sent += chunkBytes) {
    const isLast = sent + chunkBytes >= sizeBytes;
    channel.send(Math.min(chunkBytes, sizeBytes - sent), isLast ? done : () => {});
  }
  if (sizeBytes === 0) from.time.soon(done);
}
