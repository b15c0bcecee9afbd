import test from 'ava';
import fc from 'fast-check';
import { Transfer, type TransferPlan } from '../../../src/frontend/tftp/transfer.ts';
import { type NetworkPlan, simulateTransfer } from './simulated-network.ts';

const quiet: NetworkPlan = {
  seed: 1,
  blocks: 1_000,
  windowBlocks: 1,
  hasOack: true,
  lost: 0,
  doubled: 0,
  jitterMs: 0,
  stalled: 0,
};
const plan: TransferPlan = {
  sizeBytes: 10_000,
  blockBytes: 512,
  windowBlocks: 1,
  timeoutSeconds: undefined,
  hasOack: false,
  silenceLimitMs: 30_000,
};

for (const windowBlocks of [1, 4, 64]) {
  for (const hasOack of [true, false]) {
    test(`each block is sent once over a good network: window ${windowBlocks}, ${hasOack ? 'with' : 'without'} OACK`, (t) => {
      const run = simulateTransfer({ ...quiet, windowBlocks, hasOack });
      t.like(run, { outcome: 'complete', receivedBlocks: 1_000, resentBlocks: 0 });
      t.is(run.sentBlocks, hasOack ? 1_001 : 1_000);
    });
  }
}

test('when the network doubles every packet, each block is still sent once', (t) => {
  const run = simulateTransfer({ ...quiet, doubled: 1 });
  t.like(run, { outcome: 'complete', receivedBlocks: 1_000, resentBlocks: 0 });
});

test('block numbers roll over', (t) => {
  for (const windowBlocks of [1, 16]) {
    const run = simulateTransfer({ ...quiet, blocks: 140_000, windowBlocks });
    t.like(run, { outcome: 'complete', receivedBlocks: 140_000, resentBlocks: 0 });
  }
});

/** Nearly every block is sent again before it is measured. */
const manyGaps = {
  ...{ seed: 10, blocks: 351, windowBlocks: 64, hasOack: true },
  ...{ lost: 0.1, doubled: 0.05, jitterMs: 0.2, stalled: 0 },
};

test('a network that loses, doubles and reorders only makes it slower', (t) => {
  const plans = fc.record({
    seed: fc.nat(),
    blocks: fc.integer({ min: 1, max: 400 }),
    windowBlocks: fc.constantFrom(1, 2, 8, 64),
    hasOack: fc.boolean(),
    lost: fc.constantFrom(0, 0.01, 0.1),
    doubled: fc.constantFrom(0, 0.05, 0.5),
    jitterMs: fc.constantFrom(0, 0.2, 3),
    stalled: fc.constantFrom(0, 0.05),
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(plans, (network) => {
        const run = simulateTransfer(network);
        t.like(run, { outcome: 'complete', receivedBlocks: network.blocks });
      }),
      { numRuns: 300, examples: [[manyGaps]] },
    ),
  );
});

for (const windowBlocks of [1, 8]) {
  test(`1 % lost and 5 % doubled costs little: window ${windowBlocks}`, (t) => {
    const run = simulateTransfer({
      ...quiet,
      windowBlocks,
      blocks: 5_000,
      lost: 0.01,
      doubled: 0.05,
    });
    t.is(run.outcome, 'complete');
    t.true(run.resentBlocks < (windowBlocks === 1 ? 300 : 5_000), `${run.resentBlocks} again`);
    // About 100 packets are lost; with a timer of 3 s that would be minutes.
    t.true(run.elapsedMs < 20_000, `${run.elapsedMs} ms`);
  });
}

test('a client that never answers gets five packets, further and further apart', (t) => {
  const run = simulateTransfer({ ...quiet, hasOack: true, vanishesAfter: -1 });
  t.like(run, { outcome: 'lost', sentBlocks: 5 });
  t.true(run.elapsedMs > 10_000 && run.elapsedMs < 30_000);
});

test('a client that vanishes in the middle is given up after the limit', (t) => {
  const run = simulateTransfer({ ...quiet, vanishesAfter: 500 });
  t.is(run.outcome, 'lost');
  t.true(run.elapsedMs > 30_000 && run.elapsedMs < 40_000, `${run.elapsedMs}`);
  t.true(run.sentBlocks < 530, `${run.sentBlocks}`);
});

test('what is acknowledged of a window is not sent again, what follows is', (t) => {
  const transfer = begin({ ...plan, windowBlocks: 8 });
  t.deepEqual(transfer.ack(3, 1), { kind: 'send', firstBlock: 4, lastBlock: 11 });
});

test('an acknowledgement that says nothing new is answered with nothing', (t) => {
  const transfer = begin({ ...plan, windowBlocks: 8 });
  t.deepEqual(transfer.ack(8, 1), { kind: 'send', firstBlock: 9, lastBlock: 16 });
  transfer.sent(16, 1);
  for (const block of [8, 8, 7, 0, 17, 65_535]) {
    t.deepEqual(transfer.ack(block, 2), { kind: 'wait' });
  }
});

test('right after going back, what came before it does not lead back again', (t) => {
  const transfer = begin({ ...plan, windowBlocks: 4 });
  t.deepEqual(transfer.ack(4, 10), { kind: 'send', firstBlock: 5, lastBlock: 8 });
  transfer.sent(8, 10);
  t.deepEqual(transfer.ack(5, 20), { kind: 'send', firstBlock: 6, lastBlock: 9 });
  transfer.sent(9, 20);
  t.deepEqual(transfer.ack(6, 21), { kind: 'send', firstBlock: 10, lastBlock: 10 });
  transfer.sent(10, 21);
  t.deepEqual(transfer.ack(7, 40), { kind: 'send', firstBlock: 8, lastBlock: 11 });
});

for (const [sizeBytes, blocks] of [
  [0, 1],
  [511, 1],
  [512, 2],
  [513, 2],
  [1_024, 3],
] as const) {
  test(`${sizeBytes} bytes are ${blocks} blocks of 512, of which the last is not full`, (t) => {
    const transfer = new Transfer({ ...plan, sizeBytes, windowBlocks: 16 }, 0);
    t.deepEqual(transfer.begin(), { kind: 'send', firstBlock: 1, lastBlock: blocks });
    transfer.sent(blocks, 0);
    t.deepEqual(transfer.ack(blocks, 1), { kind: 'end', outcome: 'complete' });
  });
}

test('no timer is longer than what the client itself waits', (t) => {
  const transfer = new Transfer({ ...plan, timeoutSeconds: 1 }, 0);
  transfer.begin();
  transfer.sent(1, 0);
  for (const atMs of [1_000, 2_000, 3_000]) {
    t.is(transfer.deadlineMs, atMs);
    t.is(transfer.timer(atMs).kind, 'send');
    transfer.sent(1, atMs);
  }
});

test('while the bytes of a block are awaited, the client is not sent anything again', (t) => {
  const transfer = begin({ ...plan, windowBlocks: 2 });
  t.is(transfer.ack(2, 1).kind, 'send');
  transfer.stalled();
  t.is(transfer.timer(5_000).kind, 'wait');
  t.deepEqual(transfer.bytesReady(6_000), { kind: 'send', firstBlock: 3, lastBlock: 4 });
});

test('whatever comes in, only blocks of the window go out', (t) => {
  const event = fc.record({
    kind: fc.constantFrom('ack', 'nearAck', 'timer', 'ready'),
    value: fc.nat(65_535),
    stallsAt: fc.nat(30),
  });
  const windows = fc.constantFrom(1, 3, 16);
  t.notThrows(() =>
    fc.assert(
      fc.property(
        windows,
        fc.array(event, { maxLength: 60, size: 'max' }),
        (windowBlocks, events) => {
          const transfer = new Transfer({ ...plan, windowBlocks }, 0);
          let action = transfer.begin();
          let nowMs = 0;
          let highest = 0;
          for (const { kind, value, stallsAt } of events) {
            if (action.kind === 'send') {
              const { firstBlock, lastBlock } = action;
              t.true(firstBlock >= 1 && lastBlock <= 20 && lastBlock >= firstBlock);
              const probe = windowBlocks > 1 ? 1 : 0;
              t.true(lastBlock - firstBlock < windowBlocks + probe);
              t.true(firstBlock <= highest + 1);
              const through = Math.min(lastBlock, firstBlock + stallsAt - 1);
              if (through >= firstBlock) transfer.sent(through, nowMs);
              if (through < lastBlock) transfer.stalled();
              highest = Math.max(highest, through);
            }
            if (action.kind === 'end') return;
            nowMs += value % 300;
            if (kind === 'ack') action = transfer.ack(value, nowMs);
            else if (kind === 'nearAck') action = transfer.ack(value % 21, nowMs);
            else if (kind === 'timer') action = transfer.timer(transfer.deadlineMs);
            else if (transfer.isStalled) action = transfer.bytesReady(nowMs);
            else action = { kind: 'wait' };
          }
        },
      ),
      { numRuns: 500 },
    ),
  );
});

/** After the first window has been sent, and answered by nobody yet. */
function begin(own: TransferPlan): Transfer {
  const transfer = new Transfer(own, 0);
  const action = transfer.begin();
  if (action.kind === 'send') transfer.sent(action.lastBlock, 0);
  return transfer;
}

test('a window that is not answered twice is sent with one block more, until an answer comes', (t) => {
  const transfer = new Transfer({ ...plan, windowBlocks: 8, sizeBytes: 100_000 }, 0);
  const timer = () => {
    transfer.sent(8, transfer.deadlineMs);
    return transfer.timer(transfer.deadlineMs);
  };
  t.deepEqual(transfer.begin(), { kind: 'send', firstBlock: 1, lastBlock: 8 });
  t.deepEqual(timer(), { kind: 'send', firstBlock: 1, lastBlock: 8 });
  t.deepEqual(timer(), { kind: 'send', firstBlock: 1, lastBlock: 9 });
  transfer.sent(9, transfer.deadlineMs);
  t.deepEqual(transfer.ack(9, 0), { kind: 'send', firstBlock: 10, lastBlock: 17 });
});
