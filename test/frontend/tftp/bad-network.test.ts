import test from 'ava';
import { startBadRelay } from './bad-relay.ts';
import { serveContents, someBytes } from './fixture.ts';
import { download, readRequest } from './raw-client.ts';

for (const windowsize of [1, 8]) {
  test(`with 1 % of the packets lost and 5 % doubled a file arrives: window ${windowsize}`, async (t) => {
    const file = someBytes(3_000_000);
    const { port, event } = await serveContents(t, { file });
    const seed = Date.now();
    t.log(`seed ${seed}`);
    const relay = await startBadRelay(t, port, { seed, lost: 0.01, doubled: 0.05 });
    const request = readRequest('file', { blksize: 1_468, windowsize });
    const { bytes } = await download(relay.port, request, { dallyMs: 2_000 });
    t.true(file.equals(bytes));
    t.true(relay.counts.lost > 0 && relay.counts.doubled > 0);
    const { elapsedMs, resentBlocks } = await event();
    // With a timer of 3 s for each packet lost it would be that much, at least.
    t.true(elapsedMs < relay.counts.lost * 1_000, `${elapsedMs} ms, ${resentBlocks} again`);
  });
}
