import test from 'ava';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { VirtualTime } from '../../src/simulator/simulate/virtual-time.ts';
import { HaveBatches, type Told } from '../../src/swarm/have-batches.ts';

const pieceCount = 64;

type Letter = {
  readonly atMs: number;
  readonly haves?: readonly number[];
  readonly lost?: readonly number[];
};

/** A node that tells so many agents, the last of them a frontend if it is to be, and what they hear. */
function createNews(agents: number, { withFrontend = false } = {}) {
  const time = new VirtualTime();
  const held = new Bitfield(pieceCount);
  const listeners = Array.from({ length: agents + (withFrontend ? 1 : 0) }, (_, at) => {
    const letters: Letter[] = [];
    const peer: Told = {
      frontend: at === agents,
      pieces: new Bitfield(pieceCount),
      sendHaves: (haves) => void letters.push({ atMs: time.nowMs(), haves }),
      sendDonthaves: (lost) => void letters.push({ atMs: time.nowMs(), lost }),
    };
    return { peer, letters };
  });
  const peers = listeners.map(({ peer }) => peer);
  const news = new HaveBatches(
    () => peers,
    (piece) => held.has(piece),
    time,
  );
  const take = (piece: number, rare: boolean) => {
    held.add(piece);
    news.add(piece, rare);
  };
  const run = async () => {
    while (await time.step());
  };
  return { time, held, news, peers, letters: listeners.map((each) => each.letters), take, run };
}

test('of a rare piece one in twelve hears soon and the rest later, of a common one all later', async (t) => {
  for (const [agents, soon] of [
    [2, 2],
    [20, 2],
    [32, 3],
    [60, 5],
  ] as const) {
    const rack = createNews(agents);
    rack.take(3, true);
    await rack.run();
    const times = rack.letters.map(([first]) => first?.atMs);
    t.is(times.filter((atMs) => atMs === 10).length, soon);
    t.is(times.filter((atMs) => atMs === 100).length, agents - soon);
    const nowMs = rack.time.nowMs();
    rack.take(4, false);
    await rack.run();
    for (const letters of rack.letters) t.deepEqual(letters[1], { atMs: nowMs + 100, haves: [4] });
  }
});

test('news waits while 32 pieces come, for 100 ms at least and 800 at most', async (t) => {
  for (const [everyMs, waitsMs] of [
    [1, 100],
    [8, 31 * 8],
    [50, 800],
  ] as const) {
    const { time, take, letters, run } = createNews(1);
    const [heard = []] = letters;
    for (let piece = 0; piece < pieceCount; piece += 1) {
      time.at(piece * everyMs, () => take(piece, false));
    }
    await run();
    // Each letter is due so long after the first of its pieces had come.
    const waited = heard.map(({ atMs, haves = [] }) => atMs - (haves[0] ?? 0) * everyMs);
    t.is(waited.at(-1), waitsMs);
  }
});

test('those hear soon who lack the piece, and no frontend', async (t) => {
  const rack = createNews(3, { withFrontend: true });
  rack.peers[1]?.pieces.add(7);
  rack.take(7, true);
  await rack.run();
  t.deepEqual(
    rack.letters.map((letters) => letters.map(({ atMs }) => atMs)),
    [[10], [], [10], [1000]],
  );
});

test('the next rare piece is told to others first', async (t) => {
  const rack = createNews(4);
  rack.take(1, true);
  rack.time.at(20, () => rack.take(2, true));
  await rack.run();
  const heardAt = (atMs: number) =>
    rack.letters.map((letters) => letters.some((letter) => letter.atMs === atMs));
  t.deepEqual(
    heardAt(10),
    heardAt(30).map((heard) => !heard),
  );
  t.is(heardAt(10).filter(Boolean).length, 2);
});

test('what is to be told later goes along with what is said sooner, and is not told again', async (t) => {
  const rack = createNews(4);
  const [first] = rack.peers;
  if (first === undefined) throw new Error('expected a peer');
  rack.take(1, false);
  rack.time.at(50, () => rack.news.sendWith(first));
  rack.time.at(60, () => rack.news.sendWith(first));
  await rack.run();
  t.deepEqual(rack.letters[0], [{ atMs: 50, haves: [1] }]);
  for (const letters of rack.letters.slice(1)) t.deepEqual(letters, [{ atMs: 100, haves: [1] }]);
});

test('what was lost is told in its order, also with something else', async (t) => {
  const rack = createNews(2);
  const [hears, gone] = rack.peers;
  if (hears === undefined || gone === undefined) throw new Error('expected two peers');
  rack.take(8, false);
  rack.take(9, false);
  rack.time.at(5, () => rack.held.remove(9));
  rack.time.at(5, () => rack.news.lose(9));
  rack.time.at(50, () => rack.news.sendWith(hears));
  rack.news.forget(gone);
  rack.time.at(50, () => rack.news.sendWith(gone));
  await rack.run();
  t.deepEqual(rack.letters[0], [
    { atMs: 50, haves: [8] },
    { atMs: 205, lost: [9] },
  ]);
  t.deepEqual(rack.letters[1], [{ atMs: 205, lost: [9] }]);
});

test('nobody is told twice, of what he has, or of what has gone again', async (t) => {
  const rack = createNews(2);
  rack.peers[1]?.pieces.add(5);
  rack.take(5, true);
  rack.take(6, false);
  rack.held.remove(6);
  await rack.run();
  rack.take(7, false);
  await rack.run();
  t.deepEqual(
    rack.letters.map((letters) => letters.map(({ haves }) => haves)),
    [[[5], [7]], [[7]]],
  );
});

test('a frontend has its receipts soon, other news with the next one or after a second', async (t) => {
  const rack = createNews(1, { withFrontend: true });
  const [, frontend] = rack.peers;
  rack.take(1, true);
  rack.time.at(300, () => {
    frontend?.pieces.add(2);
    rack.take(2, true);
  });
  rack.time.at(500, () => rack.take(3, true));
  await rack.run();
  t.deepEqual(rack.letters[1], [
    { atMs: 310, haves: [1, 2] },
    { atMs: 1500, haves: [3] },
  ]);
});

test('who is told that a piece is lost has been told before that it was here', async (t) => {
  const rack = createNews(1, { withFrontend: true });
  rack.take(9, true);
  rack.time.at(5, () => {
    rack.held.remove(9);
    rack.news.lose(9);
  });
  await rack.run();
  t.deepEqual(rack.letters[1], [
    { atMs: 205, haves: [9] },
    { atMs: 205, lost: [9] },
  ]);
  t.deepEqual(rack.letters[0]?.at(-1), { atMs: 205, lost: [9] });
});

test('what came again before its loss was told is not lost', async (t) => {
  const rack = createNews(1);
  rack.take(9, true);
  await rack.run();
  rack.news.lose(9);
  await rack.run();
  t.deepEqual(rack.letters[0], [{ atMs: 10, haves: [9] }]);
});

test('who has lost a piece is reminded that it is here, who is gone hears nothing', async (t) => {
  const rack = createNews(2);
  for (const peer of rack.peers) peer.pieces.add(8);
  rack.take(8, false);
  await rack.run();
  for (const peer of rack.peers) {
    peer.pieces.remove(8);
    rack.news.remind(peer, 8);
  }
  const [stays, goes] = rack.peers;
  if (goes !== undefined) rack.news.forget(goes);
  await rack.run();
  t.false(stays?.pieces.has(8));
  t.deepEqual(
    rack.letters.map((letters) => letters.map(({ haves }) => haves)),
    [[[8]], []],
  );
});

test('a frontend that shows what has just come has its receipt at once', async (t) => {
  const rack = createNews(0, { withFrontend: true });
  const [frontend] = rack.peers;
  rack.take(4, true);
  rack.time.at(50, () => {
    frontend?.pieces.add(4);
    if (frontend !== undefined) rack.news.hurry(frontend);
  });
  await rack.run();
  t.deepEqual(rack.letters[0], [{ atMs: 60, haves: [4] }]);
});
