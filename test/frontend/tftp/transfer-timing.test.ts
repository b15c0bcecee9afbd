import test from 'ava';
import { Transfer, type TransferPlan } from '../../../src/frontend/tftp/transfer.ts';

const plan: TransferPlan = {
  sizeBytes: 10_000,
  blockBytes: 512,
  windowBlocks: 1,
  timeoutSeconds: undefined,
  hasOack: false,
  silenceLimitMs: 30_000,
};

/** After the first window has been sent. */
function begin(windowBlocks: number): Transfer {
  const transfer = new Transfer({ ...plan, windowBlocks }, 0);
  transfer.begin();
  transfer.sent(windowBlocks, 0);
  return transfer;
}

test('what was sent of a window before its bytes ran out is not sent again', (t) => {
  const transfer = begin(2);
  t.deepEqual(transfer.ack(2, 1), { kind: 'send', firstBlock: 3, lastBlock: 4 });
  transfer.sent(3, 1);
  transfer.stalled();
  t.is(transfer.timer(5_000).kind, 'wait');
  t.deepEqual(transfer.bytesReady(6_000), { kind: 'send', firstBlock: 4, lastBlock: 4 });
});

test('a client is not given up for what the disk took', (t) => {
  const transfer = begin(1);
  t.is(transfer.ack(1, 1_000).kind, 'send');
  transfer.stalled();
  t.is(transfer.bytesReady(29_000).kind, 'send');
  transfer.sent(2, 29_000);
  t.is(transfer.timer(32_000).kind, 'send');
});

test('a disk that never answers ends the transfer, by the same limit', (t) => {
  const transfer = begin(1);
  t.is(transfer.ack(1, 1_000).kind, 'send');
  transfer.stalled();
  t.is(transfer.timer(29_000).kind, 'wait');
  t.deepEqual(transfer.timer(32_100), { kind: 'end', outcome: 'lost' });
  t.true(transfer.isStalled);
});

test('what was sent twice tells no round trip (Karn)', (t) => {
  const transfer = begin(1);
  t.is(transfer.timer(1_000).kind, 'send');
  transfer.sent(1, 1_000);
  t.is(transfer.ack(1, 1_001).kind, 'send');
  transfer.sent(2, 1_001);
  t.is(transfer.deadlineMs, 1_001 + 1_001 + 20, 'the second may have been the answer to the first');
});

test('half a window that arrived tells no round trip of the whole', (t) => {
  const transfer = begin(4);
  t.deepEqual(transfer.ack(2, 100), { kind: 'send', firstBlock: 3, lastBlock: 6 });
  transfer.sent(6, 100);
  t.is(transfer.deadlineMs, 1_100);
});

test('a whole window that is acknowledged does', (t) => {
  const transfer = begin(4);
  t.deepEqual(transfer.ack(4, 100), { kind: 'send', firstBlock: 5, lastBlock: 8 });
  transfer.sent(8, 100);
  t.is(transfer.deadlineMs, 100 + 100 + 4 * 50);
});
