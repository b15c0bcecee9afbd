import { useEffect, useRef, useState } from 'preact/hooks';
import { rateOf, summarize, type WatchedNode } from '../../cli/watch-model.ts';
import type { RunDocument, RunSample, RunSummary } from '../../frontend/runs/documents.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath } from '../data/api.ts';
import { useAnswer } from '../data/load.ts';
import { route } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { formatDuration, formatFullTime, formatTime } from '../data/times.ts';
import { frontendNowMs, watched } from '../data/watch.ts';
import { Bytes } from '../machine/bytes.tsx';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { csvOf } from './export-run.ts';
import { sampleOf, versionOf, withNews } from './live-run.ts';
import { RateChart } from './rate-chart.tsx';
import { saveFile } from './save-file.ts';
import { SlowNodes } from './slow-nodes.tsx';

/** An install run: the one that goes on, the latest, or the one that was asked for. */
export function RunPage() {
  const { state } = useStore(watched);
  const where = useStore(route);
  const version = versionOf(state.nodes);
  const [loaded, again] = useAnswer<{ readonly runs: readonly RunSummary[] }>(
    apiPath('/runs'),
    version,
  );
  if (loaded.kind === 'loading') return <Loading what="the installs" />;
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  const { runs } = loaded.value;
  const id = where.page === 'runs' ? where.id : runs[0]?.id;
  if (id === undefined) {
    return (
      <Empty text="Nothing was installed yet.">
        <a href="#/">Choose machines, and install them</a>
      </Empty>
    );
  }
  return (
    <article>
      <OneRun key={id} id={id} version={version} />
      <PastRuns runs={runs} shown={id} />
    </article>
  );
}

function OneRun({ id, version }: { readonly id: string; readonly version: string }) {
  const { state } = useStore(watched);
  const [loaded, again] = useAnswer<RunDocument>(apiPath('/runs/{name}', id), version);
  const news = loaded.kind === 'there' ? withNews(loaded.value, state.nodes) : undefined;
  const samples = useSamples(news);
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  if (news === undefined) return <Loading what="the run" />;
  const nowMs = news.endedAtMs ?? frontendNowMs();
  return (
    <>
      <div class="run-head">
        <h1>
          {news.endedAtMs === null ? 'Install' : `Install of ${formatTime(news.startedAtMs)}`}
        </h1>
        <p class="muted" title={formatFullTime(news.startedAtMs)}>
          begun {formatTime(news.startedAtMs)}
          {news.endedAtMs !== null && `, ended ${formatTime(news.endedAtMs)}`}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => saveFile(`${id}.csv`, 'text/csv', csvOf(news))}>
            Save as CSV
          </button>
          <button
            type="button"
            onClick={() =>
              saveFile(`${id}.json`, 'application/json', JSON.stringify(news, null, 2))
            }
          >
            Save as JSON
          </button>
        </div>
      </div>
      <Figures run={news} nodes={state.nodes} nowMs={nowMs} />
      <section>
        <h2>Received, all machines together</h2>
        <RateChart samples={samples} />
        <Bytes bytes={sampleOf(news, nowMs).bytes} />
      </section>
      <SlowNodes run={news} nowMs={nowMs} />
    </>
  );
}

const sampleEveryMs = 1_000;

/** Those of the frontend, then what was seen here since. */
function useSamples(run: RunDocument | undefined): readonly RunSample[] {
  const seen = useRef<readonly RunSample[]>([]);
  const [, tick] = useState(0);
  const isLive = run !== undefined && run.endedAtMs === null;
  // Time goes on without news, too.
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), sampleEveryMs);
    return () => clearInterval(timer);
  }, [isLive]);
  if (run === undefined) return [];
  const lastMs = run.samples.at(-1)?.atMs ?? 0;
  if (isLive) {
    const nowMs = frontendNowMs();
    const later = seen.current.filter(({ atMs }) => atMs > lastMs);
    const newest = later.at(-1)?.atMs ?? lastMs;
    const isDue = nowMs - newest >= sampleEveryMs;
    seen.current = isDue ? [...later, sampleOf(run, nowMs)] : later;
  }
  return [...run.samples, ...seen.current.filter(({ atMs }) => atMs > lastMs)];
}

type FiguresProps = {
  readonly run: RunDocument;
  readonly nodes: ReadonlyMap<string, WatchedNode>;
  readonly nowMs: number;
};

function Figures({ run, nodes, nowMs }: FiguresProps) {
  const { running, done, failed, bytes } = sampleOf(run, nowMs);
  const own = run.nodes.flatMap(({ name, installNumber }) => {
    const node = nodes.get(name);
    return node?.installNumber === installNumber ? [node] : [];
  });
  const isOver = run.endedAtMs !== null || running === 0;
  const { expectedEndMs } = summarize(own, nowMs);
  const rate = own.reduce((sum, node) => sum + rateOf(node, nowMs), 0);
  const most = Math.max(...run.nodes.map(({ bytes: each }) => sumOf(each)), 0);
  const copies = most === 0 ? '–' : ((bytes.frontend + bytes.fallback) / most).toFixed(2);
  const endMs = Math.max(...run.nodes.map(({ endedAtMs }) => endedAtMs ?? 0), run.startedAtMs);
  const waiting = [...nodes.values()].filter(({ bootState }) => bootState === 'install').length;
  const figures = [
    ['done', `${done} of ${run.nodes.length}`, ''],
    [
      isOver || waiting === 0 ? 'installing' : `installing, ${waiting} not booted`,
      String(running),
      '',
    ],
    ['failed', String(failed), failed > 0 ? 'problem' : ''],
    ['took so far', formatDuration((isOver ? endMs : nowMs) - run.startedAtMs), ''],
    isOver
      ? ['received', formatBytes(sumOf(bytes)), '']
      : ['expected end', expectedEndMs === undefined ? '–' : formatTime(expectedEndMs), ''],
    isOver
      ? ['ended', formatTime(endMs), '']
      : ['received now', `${formatBytes(Math.round(rate))}/s`, ''],
    ['copies left the frontend', copies, ''],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([name, value, look]) => (
        <div key={name}>
          <dt>{isOver && name === 'took so far' ? 'took' : name}</dt>
          <dd class={look}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function sumOf({ frontend, peers, rack, fallback }: RunSample['bytes']): number {
  return frontend + peers + rack + fallback;
}

type PastProps = { readonly runs: readonly RunSummary[]; readonly shown: string };

function PastRuns({ runs, shown }: PastProps) {
  return (
    <section>
      <h2>
        Runs <small>{runs.length}</small>
      </h2>
      <ul class="runs">
        {runs.map(({ id, startedAtMs, endedAtMs, counts }) => (
          <li key={id}>
            <a href={`#/runs/${id}`} aria-current={id === shown ? 'true' : undefined}>
              {formatTime(startedAtMs)}
            </a>{' '}
            {counts.done} done
            {counts.failed > 0 && <span class="problem">, {counts.failed} failed</span>}
            {counts.givenUp > 0 && `, ${counts.givenUp} given up`}
            {endedAtMs === null
              ? `, ${counts.running} installing`
              : ` in ${formatDuration(endedAtMs - startedAtMs)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
