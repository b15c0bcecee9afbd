import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { DiscoverEvent } from '../../frontend/discover/documents.ts';
import type { EventDocument, StrangerDocument } from '../../frontend/nodes/documents.ts';
import { apiPath, messageOf } from '../data/api.ts';
import { discover } from '../data/discover.ts';
import { followLive } from '../data/live.ts';
import { useAnswer } from '../data/load.ts';
import { machineLink } from '../data/route.ts';
import { may, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { formatTime } from '../data/times.ts';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { Table } from '../parts/table.tsx';

/** New machines as they appear, and how they become nodes. */
export function DiscoverPage() {
  return (
    <article>
      <h1>Discover</h1>
      <Discovery />
      <Strangers />
    </article>
  );
}

type Running = { readonly kind: 'off' } | { readonly kind: 'on'; readonly stop: () => void };

function Discovery() {
  const now = useStore(session);
  const form = useRef<HTMLFormElement>(null);
  const [running, setRunning] = useState<Running>({ kind: 'off' });
  const [events, setEvents] = useState<readonly DiscoverEvent[]>([]);
  const [problem, setProblem] = useState<string>();
  const stop = running.kind === 'on' ? running.stop : undefined;
  // Who leaves the page ends it: nothing goes on that nobody sees.
  useEffect(() => () => stop?.(), [stop]);
  if (now.kind !== 'in' || !may(now.operator, 'admin')) {
    return <p class="muted">To make machines known takes a token of the scope “admin”.</p>;
  }
  const start = (): void => {
    const values = new FormData(form.current ?? undefined);
    const abort = new AbortController();
    setProblem(undefined);
    setEvents([]);
    setRunning({ kind: 'on', stop: () => abort.abort() });
    discover(
      { rack: Number(values.get('rack')), role: String(values.get('role')), signal: abort.signal },
      (event) => setEvents((before) => [event, ...before].slice(0, 500)),
    )
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setProblem(messageOf(error));
      })
      .finally(() => setRunning({ kind: 'off' }));
  };
  return (
    <section>
      <p>
        Switch the machines of a rack on one after the other: they get the names ROLE-RACK-0,
        ROLE-RACK-1, … in that order, for as long as this page is open.
      </p>
      <form
        ref={form}
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <label>
          Role <input name="role" required pattern="[a-z][a-z0-9\-]*" defaultValue="compute" />
        </label>
        <label>
          Rack <input name="rack" type="number" min="0" required defaultValue="0" />
        </label>
        {running.kind === 'off' ? (
          <button type="submit" class="primary">
            Start
          </button>
        ) : (
          <button type="button" onClick={running.stop}>
            Stop
          </button>
        )}
        {running.kind === 'on' && <span role="status">listening …</span>}
      </form>
      {problem !== undefined && <Problem reason={problem} />}
      <ul class="discovered" aria-live="polite">
        {events.map((event, at) => (
          <li key={events.length - at}>{textOf(event)}</li>
        ))}
      </ul>
    </section>
  );
}

function textOf(event: DiscoverEvent) {
  switch (event.event) {
    case 'started':
      return `Started: ${event.role} of rack ${event.rack ?? 'none'}, who will boot “${event.action}”`;
    case 'discovered':
      return (
        <>
          <a href={machineLink(event.name)}>{event.name}</a> {event.mac}
          {event.address !== null && `, ${event.address}`}
        </>
      );
    case 'card':
      return `Another card of ${event.name}: ${event.mac}`;
    case 'kickstart':
      return `${event.name} has fetched how it is to install`;
    case 'left-alone':
    case 'failed':
      return `${event.mac}: ${event.text}`;
    case 'ended':
      return 'Ended';
  }
}

type Answer = { readonly strangers: readonly StrangerDocument[] };

/** Machines that are no nodes; those of which something is heard move to the top. */
function Strangers() {
  const [version, setVersion] = useState(0);
  const [loaded, again] = useAnswer<Answer>(apiPath('/strangers'), version);
  const look = useCallback(() => setVersion((n) => n + 1), []);
  useStrangersNews(look);
  if (loaded.kind === 'loading') return <Loading what="machines that are not known" />;
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  const { strangers } = loaded.value;
  return (
    <section>
      <h2>
        Machines that are not known <small>{strangers.length}</small>
      </h2>
      {strangers.length === 0 && (
        <Empty text="None was heard of. What asks for an address and is no node appears here." />
      )}
      {strangers.length > 0 && (
        <Table label="Machines that are not known" columns={['Card', 'Last', 'What', 'Events']}>
          {strangers.map(({ mac, eventCount, last }) => (
            <tr key={mac}>
              <th scope="row">
                <code>{mac}</code>
              </th>
              <td>{formatTime(last.atMs)}</td>
              <td>
                {last.event} {last.text}
                {last.reason !== undefined && <em> {last.reason}</em>}
              </td>
              <td>{eventCount}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

const soonMs = 500;

/** The stories of machines that are no nodes are told under their MAC addresses. */
function useStrangersNews(onNews: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = followLive(
      { path: apiPath('/events'), resumes: true },
      {
        onData: (value) => {
          const { machine } = value as EventDocument;
          const isStranger =
            machine.includes(':') || /^discover/.test((value as EventDocument).event);
          if (!isStranger || timer !== undefined) return;
          timer = setTimeout(() => {
            timer = undefined;
            onNews();
          }, soonMs);
        },
        onGap: onNews,
      },
    );
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [onNews]);
}
