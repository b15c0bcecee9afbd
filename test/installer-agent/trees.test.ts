import test from 'ava';
import { encodeTorrent } from '../../src/protocol/metainfo.ts';
import type { Log } from '../../src/runtime/log.ts';
import {
  bytesOf,
  type KeyPair,
  makeKeys,
  makeSmallTree,
  pemOf,
  type SmallTree,
} from '../support/small-tree.ts';
import { eventually, shortLimits, startTestAgent } from '../support/test-agent.ts';

const keys = makeKeys();
const others = makeKeys();
const first = generationOf(1);
const second = generationOf(2);

function generationOf(generation: number, name = 'lab', by: KeyPair = keys): SmallTree {
  const files = {
    Release: `release of ${generation}`,
    'pool/a.deb': bytesOf(`a${generation}`, 50_000),
    [`only-in-${generation}`]: 'x',
  };
  return makeSmallTree({ keys: by, name, generation, files });
}

test('all trees are joined at the start, and served when the frontend is gone later', async (t) => {
  const trees = [first, generationOf(4, 'other')];
  const { agent, base, origin } = await startTestAgent(t, trees, { limits: shortLimits });
  await eventually(t, () => agent.status().trees.every(({ inSwarm }) => inSwarm), 'all joined');
  await origin.stop();
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
  t.is(await text(`${base}/install/other/Release`), 'release of 4');
  t.is(agent.status().trees.length, 2);
});

test('what a tree does not have is 404 also while the frontend is away', async (t) => {
  const { base, origin } = await startTestAgent(t, [first], { limits: shortLimits });
  await text(`${base}/install/lab/Release`);
  await origin.stop();
  const response = await fetch(`${base}/install/lab/by-hash/SHA256/abc`);
  t.is(response.status, 404);
  t.regex(await response.text(), /no such file in lab@1/);
});

test('a tree that comes later is found at its first request', async (t) => {
  const { base, origin, swarm } = await startTestAgent(t, [first, second], {
    limits: shortLimits,
    prepare: ({ trees }) => trees.splice(0),
  });
  t.is((await fetch(`${base}/install/lab/Release`)).status, 404);
  origin.trees.push(first);
  await eventually(t, () => true, 'time');
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
  t.is(swarm.reads(), 1);
});

test('that there is no tree of a name is not asked again for each request', async (t) => {
  const { base, origin } = await startTestAgent(t, [first]);
  await text(`${base}/install/lab/Release`);
  const before = listRequests(origin.log);
  for (let at = 0; at < 20; at += 1) await fetch(`${base}/install/ubuntu/file-${at}`);
  t.true(listRequests(origin.log) - before <= 1);
});

test('a generation that was asked for stays; a newer one comes for trees nobody asked for', async (t) => {
  const { base, origin, agent, swarm } = await startTestAgent(t, [first, second], {
    prepare: ({ trees }) => void trees.pop(),
    limits: shortLimits,
  });
  await eventually(t, () => swarm.joined().length === 1, 'the first generation');
  origin.trees.push(second);
  t.is(await text(`${base}/install/lab/Release`), 'release of 2');
  await eventually(t, () => swarm.joined().length === 1, 'the first one gone');
  t.deepEqual(swarm.joined(), [second.metainfo.infohash]);
  const third = generationOf(3);
  origin.trees.push(third);
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.is(await text(`${base}/install/lab/Release`), 'release of 2');
  t.is((await fetch(`${base}/install/lab/only-in-3`)).status, 404);
  t.is(await text(`${base}/install/lab@3/Release`), 'release of 3');
  t.is(await text(`${base}/install/lab@1/Release`), 'release of 1');
  t.is(agent.status().trees[0]?.generation, 2);
});

test('a tree that was removed before anybody asked for it is not waited for long', async (t) => {
  const limits = { ...shortLimits, swarmPatienceMs: 20_000, stallMs: 30_000 };
  const { base, origin, swarm } = await startTestAgent(t, [first], { limits });
  await eventually(t, () => swarm.joined().length === 1, 'the tree joined');
  origin.trees.splice(0);
  swarm.behaviour.mode = 'empty';
  const startMs = performance.now();
  t.is((await fetch(`${base}/install/lab/Release`)).status, 502);
  t.true(performance.now() - startMs < 19_000);
  swarm.behaviour.mode = 'works';
  t.is(await text(`${base}/install/lab/Release`), 'release of 1', 'peers may still have it');
});

test('a tree made anew under an old number is not taken for the old one', async (t) => {
  const anew = makeSmallTree({ keys, generation: 1, files: { Release: 'made anew' } });
  const { base, origin, swarm } = await startTestAgent(t, [first, anew], {
    prepare: ({ trees }) => void trees.pop(),
  });
  await eventually(t, () => swarm.joined().length === 1, 'the first one');
  origin.trees.splice(0, 1, anew);
  t.is(await text(`${base}/install/lab/Release`), 'made anew');
});

test('a frontend that is not there at the start is found later', async (t) => {
  const { base, origin, agent, swarm } = await startTestAgent(t, [first], {
    limits: shortLimits,
    prepare: ({ stop }) => stop(),
  });
  const response = await fetch(`${base}/install/lab/Release`);
  t.is(response.status, 504);
  await origin.start();
  await eventually(t, () => swarm.joined().length === 1, 'the tree joined in the background');
  t.is(agent.status().trees[0]?.state, 'ready');
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
});

test('with its key the agent serves what that key signed', async (t) => {
  const { base, swarm } = await startTestAgent(t, [first], { key: keys.publicKey });
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
  t.is(swarm.reads(), 1);
});

const forgeries: ReadonlyMap<string, () => SmallTree> = new Map([
  ['signed by another key', () => generationOf(1, 'lab', others)],
  [
    'whose manifest was changed after it was signed',
    () => ({ ...first, manifestText: first.manifestText.replace('only-in-1', 'only-in-9') }),
  ],
  ['whose manifest is no manifest', () => ({ ...first, manifestText: '{"signed":{}}' })],
  [
    'whose manifest is that of another generation',
    () => ({ ...first, manifestText: second.manifestText }),
  ],
  ['whose torrent is that of another generation', () => ({ ...first, torrent: second.torrent })],
  ['whose torrent is none', () => ({ ...first, torrent: Buffer.from('d4:infoi1ee') })],
  ['whose torrent has other files than the manifest', () => otherOrder()],
]);

for (const [what, forge] of forgeries) {
  test(`a tree ${what} is refused with a given key`, async (t) => {
    const forged = forge();
    const { log, lines } = recordingLog();
    const { base, agent, swarm, origin } = await startTestAgent(t, [forged], {
      key: keys.publicKey,
      limits: shortLimits,
      log,
    });
    for (const path of ['Release', 'no-such-file']) {
      const response = await fetch(`${base}/install/lab/${path}`);
      t.is(response.status, 502);
      t.regex(await response.text(), /^tree lab is refused: expected /);
    }
    t.is(swarm.reads(), 0);
    t.deepEqual(swarm.joined(), []);
    t.like(agent.status().trees[0], { state: 'refused', inSwarm: false });
    t.true(lines.some((line) => line.startsWith('error tree refused')));
    t.false(origin.log.some((line) => line.endsWith('Release')));
  });

  test(`a tree ${what} is not taken from a swarm without a key`, async (t) => {
    const { base, swarm } = await startTestAgent(t, [forge()], {
      limits: shortLimits,
      prepare: (origin) => {
        origin.publicKey = pemOf(keys);
      },
    });
    t.is(await text(`${base}/install/lab/Release`), 'release of 1');
    t.is(swarm.reads(), 0);
    t.deepEqual(swarm.joined(), []);
  });
}

test('a refused tree is served once the frontend has a good one', async (t) => {
  const { base, origin } = await startTestAgent(t, [generationOf(1, 'lab', others), first], {
    key: keys.publicKey,
    limits: shortLimits,
    prepare: ({ trees }) => void trees.pop(),
  });
  t.is((await fetch(`${base}/install/lab/Release`)).status, 502);
  origin.trees.splice(0, 1, first);
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
});

test('without a key the first one that the frontend names is kept, and said once', async (t) => {
  const { log, lines } = recordingLog();
  const { base, origin } = await startTestAgent(
    t,
    [first, generationOf(1, 'b'), generationOf(1, 'c', others)],
    {
      log,
      limits: shortLimits,
      prepare: (each) => {
        each.publicKey = pemOf(keys);
        each.trees.pop();
      },
    },
  );
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
  t.is(await text(`${base}/install/b/Release`), 'release of 1');
  t.is(lines.filter((line) => /no key was given/.test(line)).length, 1);
  origin.publicKey = pemOf(others);
  origin.trees.push(generationOf(1, 'c', others));
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.is(await text(`${base}/install/c/Release`), 'release of 1');
  t.true(lines.some((line) => /error tree unavailable.*"tree":"c"/.test(line)));
});

for (const [what, list] of [
  ['no JSON', '<html>'],
  ['another document', '{"trees":5}'],
  ['bad names', '{"trees":[{"name":"../x","generation":1,"infohash":""}]}'],
] as const) {
  test(`a list of trees that is ${what} leaves the frontend to answer`, async (t) => {
    const { base, swarm } = await startTestAgent(t, [first], {
      limits: shortLimits,
      prepare: ({ scripts }) =>
        scripts.set('/install/trees.json', (_request, response) => void response.end(list)),
    });
    t.is(await text(`${base}/install/lab/Release`), 'release of 1');
    t.is(swarm.reads(), 0);
  });
}

test('a frontend without a list, which is none of ours, answers by itself', async (t) => {
  const { base, swarm } = await startTestAgent(t, [first], {
    prepare: ({ scripts }) =>
      scripts.set('/install/trees.json', (_request, response) => {
        response.writeHead(404);
        response.end();
      }),
  });
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
  t.is(swarm.reads(), 0);
});

test('a list without an end is not kept', async (t) => {
  const { base } = await startTestAgent(t, [first], {
    prepare: ({ scripts }) =>
      scripts.set('/install/trees.json', (_request, response) => {
        const block = ' '.repeat(2 ** 20);
        const pump = () => {
          while (!response.destroyed && response.write(block));
          response.once('drain', pump);
        };
        response.on('error', () => {});
        pump();
      }),
  });
  t.is(await text(`${base}/install/lab/Release`), 'release of 1');
});

/** A torrent that the manifest names, but that lays the files out in another order. */
function otherOrder(): SmallTree {
  const files = [...first.files].reverse();
  const turned = makeSmallTree({ keys, files: Object.fromEntries(files) });
  const manifest = { ...first.manifest, infohash: turned.metainfo.infohash };
  const made = makeSmallTree({
    keys,
    files: Object.fromEntries(first.files),
    infohash: manifest.infohash,
  });
  return { ...made, torrent: encodeTorrent(turned.metainfo, { trackers: [], webSeeds: [] }) };
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function listRequests(log: readonly string[]): number {
  return log.filter((line) => line === 'GET /install/trees.json').length;
}

function recordingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const make = (base: object): Log => {
    const record = (level: string) => (event: string, fields?: object) =>
      void lines.push(`${level} ${event} ${JSON.stringify({ ...base, ...fields })}`);
    return {
      debug: record('debug'),
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
      with: (fields) => make({ ...base, ...fields }),
    };
  };
  return { log: make({}), lines };
}
