import test from 'ava';
import { createByteMeter } from '../../../src/installer-agent/control/byte-meter.ts';
import { createCounters } from '../../../src/installer-agent/counters.ts';
import type { TreeReport } from '../../../src/installer-agent/status.ts';

const noCounters = {
  ...{ receivedFromFrontendBytes: 0, receivedFromPeersBytes: 0, receivedByHttpBytes: 0 },
  ...{ sentBytes: 0, badPieces: 0 },
};

function peer(address: string, receivedBytes: number, frontend = false) {
  return { address, receivedBytes, frontend, client: '', own: true, pieces: 0, sentBytes: 0 };
}

function treeOf(infohash: string, change: Partial<TreeReport>): TreeReport {
  const base = { name: 'lab', generation: 1, state: 'ready', inSwarm: true } as const;
  return { ...base, infohash, counters: noCounters, peers: [], ...change };
}

test('bytes are told by their sources, and all of them once', (t) => {
  const trees: TreeReport[] = [];
  const counters = createCounters();
  const meter = createByteMeter({ trees: () => trees, counters });
  meter.setRack(['10.1.0.2', 'fd00::2']);
  const peers = [
    peer('10.1.0.1:6881', 1_000, true),
    peer('10.1.0.2:6881', 300),
    peer('[fd00::2]:6881', 30),
    peer('10.1.9.9:6881', 170),
  ];
  trees.push(
    treeOf('aa', {
      peers,
      counters: {
        ...noCounters,
        ...{ receivedFromFrontendBytes: 1_000, receivedFromPeersBytes: 500 },
        receivedByHttpBytes: 50,
      },
    }),
  );
  counters.fromFrontendBytes = 5;
  counters.passedThroughBytes = 2;
  t.deepEqual(meter.read(), { frontend: 1_000, rack: 330, peers: 170, fallback: 57 });
  t.deepEqual(meter.read(), { frontend: 1_000, rack: 330, peers: 170, fallback: 57 });
});

test('peers that come again, and trees that are closed, take nothing away', (t) => {
  const trees: TreeReport[] = [];
  const meter = createByteMeter({ trees: () => trees, counters: createCounters() });
  meter.setRack(['10.1.0.2']);
  const at = (receivedFromPeersBytes: number, ofPeer: number) => {
    const counters = { ...noCounters, receivedFromPeersBytes };
    trees.splice(0, 9, treeOf('aa', { counters, peers: [peer('10.1.0.2:7', ofPeer)] }));
    return meter.read();
  };
  t.like(at(100, 100), { rack: 100, peers: 0 });
  t.like(at(120, 20), { rack: 120, peers: 0 });
  trees.splice(0);
  t.like(meter.read(), { rack: 120, peers: 0 });
});

test('what a peer sent that was not whole is not more than came', (t) => {
  const counters = { ...noCounters, receivedFromPeersBytes: 10 };
  const trees = [treeOf('aa', { counters, peers: [peer('10.1.0.2:7', 99)] })];
  const meter = createByteMeter({ trees: () => trees, counters: createCounters() });
  meter.setRack(['10.1.0.2']);
  t.like(meter.read(), { rack: 10, peers: 0 });
});
