import { statSync } from 'node:fs';
import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { startAgentCommand } from '../support/agent-command.ts';
import { installFiles, startAgentRack } from '../support/agent-rack.ts';
import { readProcessUsage } from '../support/process-usage.ts';
import { until } from '../support/raw-peer.ts';
import { bytesOf, makeKeys, makeSmallTree, pemOf } from '../support/small-tree.ts';

const mebibyte = 2 ** 20;
const pieceLengthBytes = 64 * 1024;
const keys = makeKeys();
const names = Array.from({ length: 120 }, (_, at) => `pool/p${at}.rpm`);
const files = Object.fromEntries(names.map((name) => [name, bytesOf(name, 400_000)]));
const tree = makeSmallTree({ keys, files, pieceLengthBytes });
const pieceCount = Math.ceil(tree.stream.length / pieceLengthBytes);

test.serial(
  'an agent that was killed is followed by one that has its pieces, but for those that were harmed',
  async (t) => {
    const rack = await startRack(t);
    const first = await rack.start();
    await installFiles(t, { base: first.base, tree });
    await until('all is written', () => isWritten(rack.store, pieceCount));
    first.command.process.kill('SIGKILL');
    await first.command.end();
    await overwrite(join(rack.store, 'scree-pieces'), 10 * pieceLengthBytes);

    const second = await rack.start();
    await waitFor('it is taken up', async () => heldBy(await second.status()) === pieceCount - 1);
    const status = await second.status();
    t.like(status.trees[0], { takenUpBytes: tree.stream.length - pieceLengthBytes });
    t.is(received(status), 0);
    await installFiles(t, { base: second.base, tree });
    t.is(received(await second.status()), pieceLengthBytes, 'the piece that was harmed');
    t.is((await second.status()).trees[0]?.counters?.badPieces, 0);

    second.command.process.kill('SIGTERM');
    t.is((await second.command.end()).code, 0);
    await t.throwsAsync(readdir(rack.store), { code: 'ENOENT' }, 'who is stopped leaves nothing');
  },
);

test.serial(
  'an agent that is killed after its store has moved is followed by one with that store, and its size',
  async (t) => {
    const rack = await startRack(t);
    const first = await rack.start();
    await installFiles(t, { base: first.base, tree, names: names.slice(0, 60) });
    const moved = `${rack.store}-moved`;
    const reply = await fetch(`${first.base}/agent/store?folder=${moved}&size=96M`);
    t.is(reply.status, 200, await reply.text());
    await installFiles(t, { base: first.base, tree });
    await until('all is written', () => isWritten(moved, pieceCount));
    first.command.process.kill('SIGKILL');
    await first.command.end();

    const second = await rack.start();
    const place = { folder: moved, sizeBytes: 96 * mebibyte, capacityBytes: 96 * mebibyte };
    t.like((await second.status()).store, place);
    await waitFor('it is taken up', async () => heldBy(await second.status()) === pieceCount);
    t.is(received(await second.status()), 0);
    await installFiles(t, { base: second.base, tree });
    t.is(received(await second.status()), 0);
    t.deepEqual(await readdir(rack.store), ['scree-store-moved.json']);

    const ended = await fetch(`${second.base}/agent/end?outcome=success`);
    t.is(ended.status, 200, await ended.text());
    await t.throwsAsync(readdir(moved), { code: 'ENOENT' }, 'the disk can be unmounted');
  },
);

test.serial('a second agent on the same folder says so, and installs all the same', async (t) => {
  const rack = await startRack(t);
  const [one, other] = [await rack.start(), await rack.start()];
  t.regex(other.command.stderr(), /another agent uses it.*store cannot be used/);
  t.is((await other.status()).store.folder, undefined);
  await Promise.all([one, other].map(({ base }) => installFiles(t, { base, tree })));
});

test.serial('pieces of another tree are dropped', async (t) => {
  const rack = await startRack(t);
  const first = await rack.start();
  await installFiles(t, { base: first.base, tree });
  first.command.process.kill('SIGKILL');
  await first.command.end();
  const others = Object.fromEntries(names.map((name) => [name, bytesOf(`other ${name}`, 400_000)]));
  const otherTree = makeSmallTree({ keys, files: others, pieceLengthBytes });
  const otherRack = await startRack(t, otherTree);
  const second = await otherRack.start(rack.store);
  await installFiles(t, { base: second.base, tree: otherTree });
  const status = await second.status();
  t.like(status.trees[0], { takenUpBytes: 0 });
  t.true(received(status) >= otherTree.stream.length);
  t.is(heldBy(status), Math.ceil(otherTree.stream.length / pieceLengthBytes));
});

test.serial('memory has a bound, however much passes through a small store', async (t) => {
  const rack = await startRack(t);
  const { base, command } = await rack.start(rack.store, '4M');
  const pid = command.process.pid ?? 0;
  const before = readProcessUsage(pid)?.peakMemoryBytes ?? 0;
  for (let turn = 0; turn < 3; turn += 1) await installFiles(t, { base, tree });
  const after = readProcessUsage(pid)?.peakMemoryBytes ?? 0;
  t.log(`${Math.round(before / mebibyte)} MiB, then ${Math.round(after / mebibyte)} MiB`);
  t.true(after < 220 * mebibyte, `${after / mebibyte} MiB`);
  t.true((await stat(join(rack.store, 'scree-pieces'))).size <= 4 * mebibyte);
});

async function startRack(t: ExecutionContext, content = tree) {
  const { origin, folder } = await startAgentRack(t, { keys, trees: [content] });
  const key = join(folder, 'key.pem');
  await writeFile(key, pemOf(keys));
  const store = join(folder, 'store');
  return {
    store,
    start: async (where = store, size = '64M') => {
      const flags = ['--frontend', origin.url.origin, '--key', key];
      const command = startAgentCommand(t, [...flags, '--store', where, '--store-size', size]);
      const base = /http:\/\/127[^ ]*/.exec(await command.ready())?.[0] ?? '';
      const status = async () =>
        (await (await fetch(`${base}/agent/status`)).json()) as AgentStatus;
      return { command, base, status };
    },
  };
}

function heldBy({ trees }: AgentStatus): number {
  return trees[0]?.piecesHeld ?? 0;
}

function received({ trees }: AgentStatus): number {
  const counters = trees[0]?.counters;
  if (counters === undefined) return 0;
  const fromSwarm = counters.receivedFromFrontendBytes + counters.receivedFromPeersBytes;
  return fromSwarm + counters.receivedByHttpBytes;
}

async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const seen = { isSo: false };
  const timer = setInterval(() => {
    void isSo().then((now) => {
      seen.isSo ||= now;
    });
  }, 100);
  await until(what, () => seen.isSo).finally(() => clearInterval(timer));
}

/** As many records as pieces are in the index. */
function isWritten(store: string, pieces: number): boolean {
  return statSync(join(store, 'scree-index')).size >= pieces * 32;
}

async function overwrite(path: string, at: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(Buffer.from('harm'), 0, 4, at);
}
