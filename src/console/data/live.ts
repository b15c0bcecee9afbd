import { apiPath, ask } from './api.ts';
import { noteRefusal } from './session.ts';

export type LiveStatus = 'connecting' | 'live' | 'lost' | 'paused';

export type LiveListener = {
  /** `isFirst`: of a connection. */
  readonly onData: (value: unknown, isFirst: boolean) => void;
  /** Something was missed, and will not come any more. */
  readonly onGap?: () => void;
  readonly onStatus?: (status: LiveStatus) => void;
};

export type LiveStream = {
  readonly path: string;
  /** Goes on after the last event that it got, by `?since=`. */
  readonly resumes?: boolean;
};

const firstWaitMs = 500;
const longestWaitMs = 5_000;
/** A page that nobody sees needs no news, and leaves its connection to others: browsers have six. */
const hiddenMs = 10_000;

/** Server-sent events until it is ended, over restarts of the frontend and naps of this machine. */
export function followLive(
  { path, resumes = false }: LiveStream,
  listener: LiveListener,
): () => void {
  const { onData, onGap, onStatus } = listener;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = firstWaitMs;
  let lastId = '';

  const open = (): void => {
    onStatus?.('connecting');
    const since =
      resumes && lastId !== '' ? `${path.includes('?') ? '&' : '?'}since=${lastId}` : '';
    const own = new EventSource(`${path}${since}`);
    let isFirst = true;
    source = own;
    own.onopen = () => {
      waitMs = firstWaitMs;
      onStatus?.('live');
    };
    own.onmessage = ({ data, lastEventId }) => {
      if (lastEventId !== '') lastId = lastEventId;
      onData(JSON.parse(String(data)), isFirst);
      isFirst = false;
    };
    own.addEventListener('gap', () => onGap?.());
    own.onerror = () => {
      shut();
      onStatus?.('lost');
      timer = setTimeout(() => void again(), waitMs);
      waitMs = Math.min(2 * waitMs, longestWaitMs);
    };
  };
  const shut = (): void => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const again = async (): Promise<void> => {
    const mark = timer;
    // An event source does not say why it was refused.
    const refusal = await ask('GET', apiPath('/operator')).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal !== undefined) noteRefusal(refusal);
    // A page that is not seen comes back when it is.
    if (timer === mark && document.visibilityState === 'visible') open();
  };
  const onVisibility = (): void => {
    if (document.visibilityState === 'visible') {
      clearTimeout(timer);
      timer = undefined;
      if (source === undefined) open();
    } else if (source !== undefined) {
      timer = setTimeout(() => {
        shut();
        onStatus?.('paused');
      }, hiddenMs);
    }
  };

  document.addEventListener('visibilitychange', onVisibility);
  open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    shut();
    timer = undefined;
  };
}
