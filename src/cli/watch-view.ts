import type { watchInstalls } from '../frontend/installs/main.ts';
import { nothingWatched, shownNodes, takeNews, type WatchNews } from './watch-model.ts';
import { changeKey, frameExtraLines, renderChange, renderFrame } from './watch-text.ts';

type WatchEvent =
  ReturnType<typeof watchInstalls> extends AsyncGenerator<infer Told, void> ? Told : never;

export type WatchView = {
  readonly show: (event: WatchEvent) => void;
  /** Leaves what is shown, and gives the cursor back. */
  readonly close: () => void;
};

export type WatchViewOptions = {
  readonly json: boolean;
  /** How things are now, and nothing else. */
  readonly once: boolean;
  readonly isSelected: boolean;
};

const drawEveryMs = 1_000;
const cursor = { hide: '\x1b[?25l', show: '\x1b[?25h' } as const;

export function createWatchView(stream: NodeJS.WriteStream, options: WatchViewOptions): WatchView {
  if (options.json) return createJsonView(stream);
  return stream.isTTY && !options.once
    ? createLiveView(stream, options)
    : createLineView(stream, options);
}

/** A line for each node of which there is news. */
function createJsonView(stream: NodeJS.WriteStream): WatchView {
  const print = (value: object) => void stream.write(`${JSON.stringify(value)}\n`);
  return {
    show: (event) => {
      if (event.kind === 'away') return print({ event: 'away', reason: event.reason });
      const { nowMs, nodes, removed } = event.news;
      for (const node of nodes) print({ event: 'node', atMs: nowMs, ...node });
      for (const name of removed) print({ event: 'removed', atMs: nowMs, name });
    },
    close: () => {},
  };
}

type Kept = { state: typeof nothingWatched; away: string | undefined };

function keep(kept: Kept, event: WatchEvent): void {
  kept.away = event.kind === 'away' ? event.reason : undefined;
  if (event.kind === 'away') return;
  const { news, isAll } = event;
  kept.state = takeNews(kept.state, news, { isAll, hereMs: Date.now() });
}

function frameOf({ state, away }: Kept, { isSelected }: WatchViewOptions) {
  const nowMs = Date.now() + state.aheadMs;
  return { nodes: shownNodes(state, { isSelected, nowMs }), nowMs, away };
}

/** How things are at first, then a line for each change that matters. */
function createLineView(stream: NodeJS.WriteStream, options: WatchViewOptions): WatchView {
  const kept: Kept = { state: nothingWatched, away: undefined };
  const said = new Map<string, string>();
  let isFirst = true;
  const changed = ({ nodes, nowMs }: WatchNews): string =>
    nodes
      .filter((node) => said.get(node.name) !== changeKey(node))
      .map((node) => renderChange(node, nowMs))
      .join('');
  return {
    show: (event) => {
      const wasAway = kept.away !== undefined;
      keep(kept, event);
      if (event.kind === 'away') {
        if (!wasAway) stream.write(`the frontend is away, trying again: ${event.reason}\n`);
        return;
      }
      const { news } = event;
      const text = isFirst
        ? renderFrame(frameOf(kept, options), Number.POSITIVE_INFINITY)
        : `${wasAway ? 'the frontend is back\n' : ''}${changed(news)}`;
      isFirst = false;
      for (const node of news.nodes) said.set(node.name, changeKey(node));
      if (text !== '') stream.write(text);
    },
    close: () => {},
  };
}

function createLiveView(stream: NodeJS.WriteStream, options: WatchViewOptions): WatchView {
  const kept: Kept = { state: nothingWatched, away: undefined };
  let drawnLines = 0;
  const draw = (): void => {
    // Some terminals do not say how large they are.
    const [rows, columns] = [stream.rows || 24, stream.columns || 80];
    const mostRows = rows - frameExtraLines - 2;
    const text = renderFrame(frameOf(kept, options), Math.max(3, mostRows));
    // What is wider than the terminal would take two lines of it.
    const lines = text.split('\n').slice(0, Math.max(3, rows - 1));
    const cut = lines.map((line) => [...line].slice(0, columns - 1).join(''));
    const back = drawnLines > 0 ? `\x1b[${drawnLines}A` : '';
    stream.write(`${cursor.hide}${back}\r\x1b[J${cut.join('\n')}`);
    drawnLines = cut.length - 1;
  };
  let drawing: NodeJS.Timeout | undefined;
  return {
    show: (event) => {
      keep(kept, event);
      if (drawing === undefined) {
        draw();
        drawing = setInterval(draw, drawEveryMs);
      }
    },
    close: () => {
      clearInterval(drawing);
      if (drawing !== undefined) draw();
      stream.write(cursor.show);
    },
  };
}
