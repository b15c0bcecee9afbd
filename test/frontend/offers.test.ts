import test from 'ava';
import { type Offer, Offers } from '../../src/frontend/offers.ts';
import { createSeeding } from '../../src/frontend/seeding.ts';
import type { Generation } from '../../src/frontend/trees/types.ts';
import { createMetainfo, type Metainfo } from '../../src/protocol/metainfo.ts';
import type { PieceSource } from '../../src/swarm/types.ts';

const metainfoOf = (name: string): Metainfo =>
  createMetainfo({
    name,
    pieceLengthBytes: 65_536,
    pieceHashes: Buffer.alloc(20),
    files: [{ path: name, sizeBytes: 9 }],
    singleFile: true,
  });
const source = (label: string): PieceSource => ({
  read: (at, length) => Promise.resolve(Buffer.from(`${label} ${at} ${length}`)),
});
const offer = (name: string, owner: string): Offer => ({
  metainfo: metainfoOf(name),
  source: source(owner),
  name,
  generation: 1,
  owner,
});

test('a torrent exists as long as one of its owners offers it', (t) => {
  const offers = new Offers();
  const { infohash } = metainfoOf('a');
  t.true(offers.add(offer('a', 'rocks@1')));
  t.false(offers.add(offer('a', 'rocks@2')));
  t.true(offers.has(infohash));
  t.is(offers.nameOf(infohash), 'a');
  t.deepEqual(offers.list(), [{ infohash, name: 'a', generation: 1, totalSizeBytes: 9 }]);
  const [change] = offers.remove('rocks@1');
  t.is(change?.next?.owner, 'rocks@2');
  t.true(offers.has(infohash));
  t.deepEqual(offers.remove('rocks@2'), [{ infohash, next: undefined }]);
  t.false(offers.has(infohash));
  t.deepEqual(offers.list(), []);
});

test('an owner that was not first leaves without a trace, also after offering twice', (t) => {
  const offers = new Offers();
  offers.add(offer('a', 'rocks@1'));
  offers.add(offer('a', 'rocks@2'));
  offers.add(offer('a', 'rocks@2'));
  t.deepEqual(offers.remove('rocks@2'), []);
  t.is(offers.remove('rocks@1').length, 1);
});

/** A swarm and a tracker that write down what is asked of them. */
function recorder() {
  const events: string[] = [];
  const reads: PieceSource['read'][] = [];
  return {
    events,
    reads,
    swarm: {
      port: 6881,
      seed: ({ metainfo, source }: { metainfo: Metainfo; source: PieceSource }) => {
        events.push(`seed ${metainfo.name}`);
        reads.push(source.read);
        const counters = {
          receivedFromFrontendBytes: 0,
          receivedFromPeersBytes: 0,
          receivedByHttpBytes: 0,
          sentBytes: 100,
          badPieces: 0,
        };
        const status = () => ({
          infohash: metainfo.infohash,
          piecesHeld: 0,
          pieceCount: 0,
          peers: [],
          offenders: [],
          counters,
        });
        const close = () => Promise.resolve(void events.push(`close ${metainfo.name}`));
        return { metainfo, status, close };
      },
    },
    tracker: {
      addOwnSeed: (seed: { address?: string; port: number }) =>
        void events.push(`announce ${seed.address ?? '*'}:${seed.port}`),
      removeTorrent: () => void events.push('forget'),
    },
  };
}

const generationOf = (generation: number) =>
  ({
    tree: 'rocks',
    generation,
    metainfo: metainfoOf(`rocks@${generation}`),
    pieces: source(`${generation}`),
  }) as Generation;

test('a generation is seeded and known to the tracker until it is withdrawn', async (t) => {
  const { events, swarm, tracker } = recorder();
  const seeding = createSeeding({ offers: new Offers(), swarm, tracker }, { host: '10.1.1.1' });
  seeding.offerTree(generationOf(1));
  t.deepEqual(events, ['seed rocks@1', 'announce 10.1.1.1:6881']);
  t.is(seeding.sentBytes(), 100);
  await seeding.withdraw(generationOf(1));
  t.deepEqual(events.slice(2), ['forget', 'close rocks@1']);
  t.is(seeding.sentBytes(), 100, 'what was sent stays sent');
});

test("a file's torrent reads its own bytes, and goes on from another generation", async (t) => {
  const { events, reads, swarm, tracker } = recorder();
  const seeding = createSeeding({ offers: new Offers(), swarm, tracker }, { host: 'a.name' });
  const file = { file: { path: 'dir/a', size: 9, mtimeMs: 0, sha256: '' }, offsetBytes: 1000 };
  for (const number of [1, 2]) {
    seeding.offerFile({ generation: generationOf(number), file, metainfo: metainfoOf('a') });
  }
  t.deepEqual(events, ['seed a', 'announce *:6881']);
  t.is(String(await reads[0]?.(5, 4)), '1 1005 4');
  await seeding.withdraw(generationOf(1));
  t.deepEqual(events.slice(2), ['forget', 'close a', 'seed a', 'announce *:6881']);
  t.is(String(await reads[1]?.(5, 4)), '2 1005 4');
});
