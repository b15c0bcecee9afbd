import { useEffect, useState } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import { beganAtMs, rateOf } from '../../cli/watch-model.ts';
import { formatBytes } from '../../runtime/units.ts';
import { formatDuration, formatFullTime } from '../data/times.ts';
import { frontendNowMs } from '../data/watch.ts';
import { Bytes } from './bytes.tsx';

const phaseTexts: Readonly<Record<string, string>> = {
  booted: 'booted',
  agent: 'agent starts',
  kickstart: 'install script',
  partitioned: 'disk partitioned',
  packages: 'packages',
  post: 'after packages',
  done: 'done',
};

/** How its latest install went, or goes: phases with their times, packages, bytes by source. */
export function Progress({ node }: { readonly node: WatchedNode }) {
  const { progress, bootState } = node;
  const isOnItsWay = bootState === 'booting' || bootState === 'installing';
  useSeconds(isOnItsWay);
  if (progress === null) {
    if (!isOnItsWay) return null;
    return (
      <section>
        <h2>Install</h2>
        <p class="muted">Its agent has told nothing yet.</p>
      </section>
    );
  }
  const nowMs = isOnItsWay ? frontendNowMs() : Math.max(node.stateAtMs, progress.heardAtMs);
  return (
    <section>
      <h2>{isOnItsWay ? 'Install' : 'Latest install'}</h2>
      <Timeline node={node} phases={progress.phases} nowMs={nowMs} isOnItsWay={isOnItsWay} />
      <Packages
        packages={progress.packages}
        isDone={progress.phases.some(({ name }) => name === 'done')}
      />
      <Bytes bytes={progress.bytes} />
      <p class="muted">
        {isOnItsWay && `${formatBytes(rateOf(node, nowMs))}/s now · `}
        {progress.trees.length > 0 && `from ${progress.trees.join(', ')} · `}
        heard {formatDuration(frontendNowMs() - progress.heardAtMs)} ago
        {progress.agentVersion !== '' && ` · agent ${progress.agentVersion}`}
      </p>
    </section>
  );
}

/** Drawn anew each second while something runs. */
function useSeconds(runs: boolean): void {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 1_000);
    return () => clearInterval(timer);
  }, [runs]);
}

type Phases = NonNullable<WatchedNode['progress']>['phases'];

function Timeline({
  node,
  phases,
  nowMs,
  isOnItsWay,
}: {
  readonly node: WatchedNode;
  readonly phases: Phases;
  readonly nowMs: number;
  readonly isOnItsWay: boolean;
}) {
  const wholeMs = Math.max(1, nowMs - beganAtMs(node));
  return (
    <ol class="timeline" aria-label="Phases of the install">
      {phases.map(({ name, atMs, detail }, at) => {
        const next = phases[at + 1]?.atMs;
        const lastsMs = (next ?? nowMs) - atMs;
        const isNow = next === undefined && isOnItsWay;
        const isWrong = next === undefined && node.bootState === 'failed';
        const lasts = name === 'done' ? '' : formatDuration(lastsMs);
        return (
          <li
            key={`${name} ${atMs}`}
            class={isWrong ? 'wrong' : isNow ? 'now' : undefined}
            style={{ '--share': Math.max(0, lastsMs / wholeMs) }}
            title={formatFullTime(atMs)}
          >
            <b>{phaseTexts[name] ?? name}</b>
            <span>
              {lasts}
              {isWrong && ' · failed here'}
            </span>
            {detail !== null && <small>{detail}</small>}
          </li>
        );
      })}
    </ol>
  );
}

type PackagesProps = {
  readonly packages: NonNullable<WatchedNode['progress']>['packages'];
  readonly isDone: boolean;
};

function Packages({ packages, isDone }: PackagesProps) {
  if (packages === null) return null;
  const { done, total } = packages;
  if (total === null) return <p>{done} packages so far</p>;
  return (
    <p class="meter">
      <label>
        {done} of {total} packages
        <progress value={isDone ? total : done} max={total} />
      </label>
    </p>
  );
}
