import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeTorrent, encodeTorrent, type TorrentSources } from '../../src/protocol/metainfo.ts';
import { ForeignAgent } from './foreign-agent.ts';
import type { ForeignClient } from './foreign-clients.ts';
import { fetchFrom, type Ground, readyUrl } from './foreign-ground.ts';
import type { GroundProgram } from './foreign-program.ts';
import { type TreeContent, writeForeignTree } from './foreign-tree.ts';

const scree = fileURLToPath(new URL('../../scree', import.meta.url));
const patienceMs = 60_000;
const tree = 'odd-names';

/** A frontend with a tree of odd names, as a real program, for a client and an agent to join. */
export class ForeignSwarm {
  readonly folder: string;
  /** What every downloaded tree has to hold. */
  readonly content: TreeContent;
  /** Such as `http://127.10.0.10:41234`. */
  readonly frontendUrl: string;
  readonly #ground: Ground;
  readonly #frontend: GroundProgram;

  private constructor(
    ground: Ground,
    facts: {
      readonly folder: string;
      readonly content: TreeContent;
      readonly frontend: GroundProgram;
      readonly frontendUrl: string;
    },
  ) {
    this.#ground = ground;
    this.#frontend = facts.frontend;
    this.folder = facts.folder;
    this.content = facts.content;
    this.frontendUrl = facts.frontendUrl;
  }

  static async start(ground: Ground): Promise<ForeignSwarm> {
    const folder = await mkdtemp(join(tmpdir(), 'scree-foreign-'));
    const content = await writeForeignTree(join(folder, 'tree'));
    const config = await writeConfig(folder, ground.frontendAddress);
    const added = ground.start([scree, 'tree', 'add', tree, join(folder, 'tree'), '-c', config]);
    const { code } = await added.ended;
    if (code !== 0) throw new Error(`expected to add a tree: ${added.stderr.lines().join(' | ')}`);
    const frontend = ground.start([scree, 'frontend', '-c', config]);
    const frontendUrl = await readyUrl(frontend);
    return new ForeignSwarm(ground, { folder, content, frontend, frontendUrl });
  }

  /** The URL of the tree, or of something below it. */
  url(below = ''): string {
    return `${this.frontendUrl}/install/${tree}${below}`;
  }

  /** Saves the tree's torrent, with other sources than it names where given. */
  async saveTorrent(sources: Partial<TorrentSources> = {}): Promise<string> {
    const [bytes = Buffer.alloc(0)] = await fetchFrom(this.#ground, [this.url('.torrent')]);
    const { metainfo, sources: served } = decodeTorrent(bytes);
    const path = join(await mkdtemp(join(this.folder, 'torrent-')), 'tree.torrent');
    const isAsServed = Object.keys(sources).length === 0;
    await writeFile(path, isAsServed ? bytes : encodeTorrent(metainfo, { ...served, ...sources }));
    return path;
  }

  /** Starts a client on a torrent. Resolves with the tree's folder when the client has it all. */
  async download(client: ForeignClient, torrent: string): Promise<string> {
    const workFolder = await mkdtemp(join(this.folder, 'client-'));
    const target = join(workFolder, 'download');
    await mkdir(target);
    const { clientAddress: address } = this.#ground;
    const port = await this.#ground.findClientPort();
    const job = { torrent, folder: target, workFolder, address, port };
    const program = this.#ground.start(await client.prepare(job));
    await program.waitForLine(/^complete$/, patienceMs);
    return join(target, `${tree}@1`);
  }

  /** Starts the agent of a node. */
  async startAgent(): Promise<ForeignAgent> {
    const program = this.#ground.start([
      ...[scree, 'agent', '--frontend', this.frontendUrl, '--store', join(this.folder, 'store')],
      ...['--listen', '127.0.0.1:0', '--swarm-port', '0'],
      ...['--swarm-address', this.#ground.agentAddress],
    ]);
    const proxy = await readyUrl(program);
    return new ForeignAgent(this.#ground, { proxy, tree, paths: Object.keys(this.content) });
  }

  async stopFrontend(): Promise<void> {
    await this.#frontend.stop();
  }

  /** Ends every program. */
  async close(): Promise<void> {
    await this.#ground.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** JSON, which is YAML too. */
async function writeConfig(folder: string, address: string): Promise<string> {
  const path = join(folder, 'scree.yaml');
  const listen = `${address}:0`;
  const config = {
    state: join(folder, 'state'),
    http: { listen },
    tracker: { listen, interval: 2 },
    seed: { listen },
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
