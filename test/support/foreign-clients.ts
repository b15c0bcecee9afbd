import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a client is to do: download a torrent into a folder, and go on as a seed until ended. */
export type ClientJob = {
  /** Path of the .torrent file. */
  readonly torrent: string;
  readonly folder: string;
  /** For what the client itself needs. */
  readonly workFolder: string;
  /** What it listens on, and connects from. */
  readonly address: string;
  readonly port: number;
};

/** A BitTorrent client that is not ours. */
export type ForeignClient = {
  readonly name: string;
  readonly makesEmptyFiles: boolean;
  /** BEP 19, whatever the names of the files. */
  readonly usesWebSeeds: boolean;
  /** The command line for a job. The client prints a line `complete` when it has everything. */
  readonly prepare: (job: ClientJob) => Promise<readonly string[]>;
};

const ownNode = process.execPath;

export const aria2: ForeignClient = {
  name: 'aria2',
  makesEmptyFiles: true,
  usesWebSeeds: true,
  prepare: async ({ torrent, folder, workFolder, address, port }) => [
    ...['aria2c', ...aria2Options({ address, port }), '--seed-ratio=0.0'],
    ...[`--torrent-file=${torrent}`, `--dir=${folder}`],
    `--on-bt-download-complete=${await writeCompleteScript(workFolder)}`,
  ],
};

/** Without anything that looks for peers beyond the tracker. */
export function aria2Options(place: { readonly address: string; readonly port: number }) {
  return [
    ...['--no-conf', `--interface=${place.address}`, `--listen-port=${place.port}`],
    ...['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false'],
    ...['--enable-peer-exchange=false', '--disable-ipv6=true', '--file-allocation=none'],
    ...['--show-console-readout=false', '--console-log-level=warn'],
  ];
}

export const libtorrent: ForeignClient = {
  name: 'libtorrent',
  makesEmptyFiles: true,
  usesWebSeeds: true,
  prepare: ({ torrent, folder, address, port }) => {
    const script = fileURLToPath(new URL('foreign-libtorrent.py', import.meta.url));
    return Promise.resolve(['/usr/bin/python3', script, torrent, folder, address, String(port)]);
  },
};

export const webtorrent: ForeignClient = {
  name: 'webtorrent',
  makesEmptyFiles: true,
  // It asks for paths as they are, not percent-encoded, so that some cannot be asked for.
  usesWebSeeds: false,
  prepare: ({ torrent, folder, address, port }) => {
    const script = fileURLToPath(new URL('foreign-webtorrent.mjs', import.meta.url));
    return Promise.resolve([ownNode, script, torrent, folder, address, String(port)]);
  },
};

export const transmission: ForeignClient = {
  name: 'Transmission',
  makesEmptyFiles: false,
  usesWebSeeds: true,
  prepare: async ({ torrent, folder, workFolder, address, port }) => {
    const settings = {
      'bind-address-ipv4': address,
      'bind-address-ipv6': '::1',
      'peer-port': port,
      'port-forwarding-enabled': false,
      'rpc-enabled': false,
      'dht-enabled': false,
      'lpd-enabled': false,
      'pex-enabled': false,
      'utp-enabled': false,
      'download-dir': folder,
      'script-torrent-done-enabled': true,
      'script-torrent-done-filename': await writeCompleteScript(workFolder),
      'trash-original-torrent-files': false,
      'watch-dir': join(workFolder, 'watch'),
      'watch-dir-enabled': true,
    };
    await mkdir(settings['watch-dir']);
    await copyFile(torrent, join(settings['watch-dir'], 'tree.torrent'));
    await writeFile(join(workFolder, 'settings.json'), JSON.stringify(settings));
    return ['transmission-daemon', '--foreground', '--config-dir', workFolder, '--log-error'];
  },
};

async function writeCompleteScript(workFolder: string): Promise<string> {
  const path = join(workFolder, 'complete.sh');
  await writeFile(path, '#!/bin/sh\necho complete\n');
  await chmod(path, 0o755);
  return path;
}
