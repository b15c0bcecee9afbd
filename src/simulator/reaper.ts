import { spawn } from 'node:child_process';

/** A process that outlives this one, and ends and removes what this one could not. */
export type Reaper = {
  readonly watch: (pid: number) => void;
  /** There is nothing left to do for it. Resolves when it has gone. */
  readonly dismiss: () => Promise<void>;
};

// Its standard input ends when this process ends, however that happens.
const script = `
while read -r word; do
  case $word in
    dismissed) exit ;;
    *) pids="$pids $word" ;;
  esac
done
kill -9 $pids
sleep 0.5
rm -rf "$1"
`;

/** Starts a reaper: when this process is killed, it kills the watched ones and removes the folder. */
export function startReaper(folder: string): Reaper {
  // A process group of its own: a signal for this one must not reach it.
  const child = spawn('sh', ['-c', script, 'reaper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  child.stdin.on('error', () => {});
  return {
    watch: (pid) => child.stdin.write(`${pid}\n`),
    dismiss: () => {
      child.stdin.end('dismissed\n');
      return gone;
    },
  };
}
