import type { ReadOptions, TreeSwarm } from '../../swarm/types.ts';
import type { VirtualTime } from './virtual-time.ts';

export type ModelFile = { readonly startByte: number; readonly endByte: number };

/** What an installer has seen. */
export type Installation = {
  readonly startedAtMs: number;
  /** When it had its last byte; undefined: not yet. */
  endedAtMs: number | undefined;
  receivedBytes: number;
  /** How often a read was given up, and begun anew at the same byte. */
  stalls: number;
};

export type InstallerDeps = {
  readonly time: VirtualTime;
  readonly swarm: Pick<TreeSwarm, 'read'>;
  readonly files: readonly ModelFile[];
  /** How long a request waited for its first byte. */
  readonly noteWait: (waitMs: number) => void;
  readonly onEnd: () => void;
};

const connections = 4;
/** As an agent has with its swarm. */
const patienceMs = 30_000;

/** An installer: all files in order, four at a time, as fast as they come. */
export function startModelInstaller(deps: InstallerDeps): Installation {
  const { time, files, onEnd } = deps;
  const state: Installation = {
    startedAtMs: time.nowMs(),
    endedAtMs: undefined,
    receivedBytes: 0,
    stalls: 0,
  };
  const waiting = files.values();
  const signal = new AbortController().signal;
  const fetchNext = async (): Promise<void> => {
    for (const file of waiting) await fetchFile(deps, state, { file, signal });
  };
  time.unsettle();
  void Promise.all(Array.from({ length: connections }, fetchNext)).then(() => {
    state.endedAtMs = time.nowMs();
    onEnd();
  });
  return state;
}

async function fetchFile(
  { time, swarm, noteWait }: InstallerDeps,
  state: Installation,
  { file, signal }: { readonly file: ModelFile; readonly signal: AbortSignal },
): Promise<void> {
  const askedAtMs = time.nowMs();
  let at = file.startByte;
  const write: ReadOptions['write'] = (bytes) => {
    if (at === file.startByte) noteWait(time.nowMs() - askedAtMs);
    at += bytes.length;
    state.receivedBytes += bytes.length;
    time.unsettle();
    return Promise.resolve();
  };
  while (at < file.endByte) {
    const range = { startByte: at, endByte: file.endByte };
    await swarm.read(range, { signal, patienceMs, write }).catch(() => {
      state.stalls += 1;
    });
  }
}
