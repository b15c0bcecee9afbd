import { Transfer, type TransferAction } from '../../../src/frontend/tftp/transfer.ts';
import { createRandom } from '../../../src/simulator/random.ts';

export type NetworkPlan = {
  readonly seed: number;
  readonly blocks: number;
  readonly windowBlocks: number;
  readonly hasOack: boolean;
  /** Of each packet, in both directions. */
  readonly lost: number;
  readonly doubled: number;
  /** How much longer than the others a packet may take. */
  readonly jitterMs: number;
  /** How often the bytes of a block are not there at once. */
  readonly stalled: number;
  /** The client answers nothing after so many blocks. */
  readonly vanishesAfter?: number;
};

export type NetworkRun = {
  readonly outcome: 'complete' | 'lost';
  readonly receivedBlocks: number;
  /** Of the transfer, without those that the network doubled. */
  readonly sentBlocks: number;
  readonly resentBlocks: number;
  readonly elapsedMs: number;
};

const blockBytes = 512;
const delayMs = 0.5;
const clientTimeoutMs = 1_000;
const endlessMs = 24 * 3600 * 1000;

/** A transfer to a client that keeps RFC 1350 and 7440, over a network that does not do much. */
export function simulateTransfer(plan: NetworkPlan): NetworkRun {
  const random = createRandom(plan.seed);
  const events: { atMs: number; run: () => void }[] = [];
  let nowMs = 0;
  let sentBlocks = 0;
  let outcome: NetworkRun['outcome'] | undefined;
  const client = createClient(plan, (block) => carry(() => act(transfer.ack(block, nowMs))));
  const transfer = new Transfer(
    {
      sizeBytes: (plan.blocks - 1) * blockBytes + 7,
      blockBytes,
      windowBlocks: plan.windowBlocks,
      timeoutSeconds: undefined,
      hasOack: plan.hasOack,
      silenceLimitMs: 30_000,
    },
    nowMs,
  );
  act(transfer.begin());
  for (let steps = 0; outcome === undefined; steps += 1) {
    if (steps > plan.blocks * 200 + 10_000) throw new Error(`no end, seed ${plan.seed}`);
    step();
  }
  const { resentBlocks } = transfer;
  const receivedBlocks = client.receivedBlocks();
  return { outcome, receivedBlocks, sentBlocks, resentBlocks, elapsedMs: nowMs };

  function step(): void {
    const next = events.reduce((first, each) => (each.atMs < first.atMs ? each : first), {
      atMs: endlessMs,
      run: () => {},
    });
    const clientAtMs = client.deadlineMs();
    nowMs = Math.max(nowMs, Math.min(next.atMs, transfer.deadlineMs, clientAtMs));
    if (next.atMs <= nowMs) {
      events.splice(events.indexOf(next), 1);
      next.run();
    } else if (transfer.deadlineMs <= nowMs) act(transfer.timer(nowMs));
    else client.timer(nowMs);
  }

  function act(action: TransferAction): void {
    if (action.kind === 'end') outcome = action.outcome;
    if (action.kind !== 'send') return;
    for (let block = action.firstBlock; block <= action.lastBlock; block += 1) {
      if (random() < plan.stalled) {
        if (block > action.firstBlock) transfer.sent(block - 1, nowMs);
        transfer.stalled();
        events.push({ atMs: nowMs + 3, run: () => act(transfer.bytesReady(nowMs)) });
        return;
      }
      sentBlocks += 1;
      carry(() => client.receive(block & 0xffff, nowMs));
    }
    transfer.sent(action.lastBlock, nowMs);
  }

  function carry(run: () => void): void {
    for (const copy of random() < plan.doubled ? [1, 2] : [1]) {
      if (random() < plan.lost) continue;
      events.push({ atMs: nowMs + delayMs * copy + random() * plan.jitterMs, run });
    }
  }
}

/** Acknowledges the end of each window, and whatever it did not expect, by what it has. */
function createClient(plan: NetworkPlan, sendAck: (block: number) => void) {
  let received = plan.hasOack ? -1 : 0;
  let sinceAck = 0;
  let deadline = clientTimeoutMs;
  const isGone = () => received >= (plan.vanishesAfter ?? Number.POSITIVE_INFINITY);
  const acknowledge = (): void => {
    sinceAck = 0;
    sendAck(received & 0xffff);
  };
  return {
    receivedBlocks: () => received,
    deadlineMs: () => (isGone() ? Number.POSITIVE_INFINITY : deadline),
    receive: (wireBlock: number, nowMs: number): void => {
      if (isGone()) return;
      deadline = nowMs + clientTimeoutMs;
      const isNext = wireBlock === ((received + 1) & 0xffff);
      if (isNext) {
        received += 1;
        sinceAck += 1;
      }
      const isEnd = received === plan.blocks || received === 0;
      if (!isNext || isEnd || sinceAck >= plan.windowBlocks) acknowledge();
    },
    timer: (nowMs: number): void => {
      deadline = nowMs + clientTimeoutMs;
      if (received >= 0) acknowledge();
    },
  };
}
