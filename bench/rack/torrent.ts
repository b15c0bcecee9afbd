import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createMetainfo, encodeTorrent } from '../../src/protocol/metainfo.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { waitForHttp } from '../support/wait-for-http.ts';
import type { Stage } from './system.ts';

/** The whole tree as a torrent, and a tracker for it on the frontend. */
export type TorrentOnStage = {
  readonly path: string;
  /** The folder that holds the torrent's own folder on the frontend. */
  readonly seedFolder: string;
  /** The name of the torrent's own folder. */
  readonly name: string;
  readonly tracker: RackProcess;
};

const trackerPort = 6969;

export async function prepareTorrent(stage: Stage): Promise<TorrentOnStage> {
  const { tree, frontend } = stage;
  const name = basename(tree.folder);
  const metainfo = createMetainfo({ ...tree, name, singleFile: false });
  const tracker = await startTracker(stage, metainfo.infohash);
  const announce = `http://${frontend.ip}:${trackerPort}/announce`;
  const path = join(stage.folder, 'tree.torrent');
  await writeFile(path, encodeTorrent(metainfo, { trackers: [announce], webSeeds: [] }));
  return { path, seedFolder: dirname(tree.folder), name, tracker };
}

/** Debian's opentracker serves only what its whitelist names; it reads it inside its own root. */
async function startTracker({ frontend, folder }: Stage, infohash: string): Promise<RackProcess> {
  const root = join(folder, 'opentracker');
  await mkdir(root, { mode: 0o755 });
  await writeFile(join(root, 'whitelist'), `${infohash}\n`, { mode: 0o644 });
  const port = String(trackerPort);
  const tracker = frontend.start([
    'opentracker',
    ...['-i', frontend.ip, '-p', port, '-P', port, '-u', 'nobody', '-d', root, '-w', 'whitelist'],
  ]);
  await waitForHttp(frontend, `http://${frontend.ip}:${port}/`);
  return tracker;
}
