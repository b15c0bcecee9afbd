import { PassThrough } from 'node:stream';
import test from 'ava';
import {
  createProgressView,
  foldProgress,
  renderBar,
  renderLine,
} from '../../src/simulator/demo-progress.ts';
import { renderSummary, summarize } from '../../src/simulator/demo-summary.ts';
import type { NodeProgress } from '../../src/simulator/node-progress.ts';
import { RateMeter } from '../../src/simulator/rate-meter.ts';

const mebibyte = 1024 * 1024;

test('a bar tells how far a node is, how fast, and how much of it came from peers', (t) => {
  t.deepEqual(renderBar(node({ name: 'compute-0-0', doneMebibytes: 50 })), {
    fraction: 0.5,
    before: 'compute-0-0   ',
    behind: ' 50 %   10.0 MiB/s  75 % from peers',
  });
});

test('the bar of a finished node tells how long it took', (t) => {
  const { fraction, behind } = renderBar(node({ doneMebibytes: 100, elapsedMs: 8_420 }));
  t.is(fraction, 1);
  t.is(behind, '100 %     in 8.4 s  75 % from peers');
});

test('nodes that find no row on the terminal share the last one', (t) => {
  const nodes = Array.from({ length: 5 }, (_, at) => node({ name: `n${at}` }));
  t.deepEqual(foldProgress(nodes, 5), nodes);
  const folded = foldProgress(nodes, 3);
  t.deepEqual(
    folded.map(({ name, doneBytes }) => [name, doneBytes / mebibyte]),
    [
      ['n0', 10],
      ['n1', 10],
      ['3 nodes', 30],
    ],
  );
});

test('where there is no terminal, a line now and then tells of all nodes', (t) => {
  const stream = new PassThrough();
  const view = createProgressView(stream as unknown as NodeJS.WriteStream, 2);
  const nodes = [node({ doneMebibytes: 100, elapsedMs: 900 }), node({ doneMebibytes: 20 })];
  view.show(nodes, 100);
  t.is(stream.read(), null);
  for (const elapsedMs of [2_050, 2_500, 3_000]) view.show(nodes, elapsedMs);
  const line = '2.0 s: 60 %, the slowest node 20 %, 20.0 MiB/s, 75 % from peers, 1 of 2 done\n';
  t.is(String(stream.read()), line);
  t.is(renderLine(nodes, 2_049), line.trimEnd());
});

test('the rate is that of the last two seconds, whatever came before', (t) => {
  const meter = new RateMeter();
  t.is(meter.add(0, 0), 0);
  t.is(meter.add(1_000, 500), 2_000);
  for (let atMs = 1_000; atMs <= 10_000; atMs += 500) meter.add(1_000, atMs);
  t.is(meter.add(2_000, 10_500), 500);
});

test('the summary adds up what the nodes and the frontend have counted', (t) => {
  const summary = summarize(
    {
      nodes: [
        node({ name: 'n0', doneMebibytes: 100, elapsedMs: 9_000 }),
        node({ name: 'n1', doneMebibytes: 100, elapsedMs: 10_000 }),
      ],
      sentByFrontendBytes: 110 * mebibyte,
    },
    { manifest, uploadBytesPerSecond: 12_500_000 },
  );
  t.like(summary, {
    tree: { files: 1, sizeBytes: 100 * mebibyte },
    elapsedMs: 10_000,
    copies: 1.1,
    fromFrontendBytes: 110 * mebibyte,
    fromPeersBytes: 150 * mebibyte,
  });
  const text = renderSummary(summary);
  t.regex(text, /^n1 +10\.0 s +25\.0 MiB +75\.0 MiB +75\.0 %$/m);
  t.regex(text, /^from frontend +110\.0 MiB \(1\.10 copies\)$/m);
  t.regex(text, /^without peers +16\.8 s at least, all through the frontend's 100 Mbit\/s$/m);
});

test('an empty tree has no number of copies, and no cap makes no comparison', (t) => {
  const empty = { ...manifest, totalSize: 0, files: [] };
  const result = { nodes: [node({}), node({})], sentByFrontendBytes: 0 };
  const summary = summarize(result, { manifest: empty, uploadBytesPerSecond: 0 });
  t.is(summary.copies, null);
  t.notRegex(renderSummary(summary), /without peers/);
});

const manifest = {
  format: 1 as const,
  tree: 'demo',
  generation: 1,
  createdAt: '',
  infohash: '',
  pieceLength: 65_536,
  totalSize: 100 * mebibyte,
  files: [{ path: 'a', size: 100 * mebibyte, mtimeMs: 0, sha256: '' }],
  links: [],
};

function node(options: {
  readonly name?: string;
  readonly doneMebibytes?: number;
  readonly elapsedMs?: number;
}): NodeProgress {
  return {
    name: options.name ?? 'n',
    doneBytes: (options.doneMebibytes ?? 10) * mebibyte,
    totalBytes: 100 * mebibyte,
    rateBytesPerSecond: 10 * mebibyte,
    figures: { fromPeersBytes: 75 * mebibyte, fromFrontendBytes: 25 * mebibyte },
    elapsedMs: options.elapsedMs,
  };
}
