import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventDocument } from '../../frontend/nodes/documents.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath } from '../data/api.ts';
import { followLive } from '../data/live.ts';
import { formatDuration, formatFullTime, formatTime } from '../data/times.ts';
import { Empty } from '../parts/notices.tsx';
import { Scroll } from '../parts/scroll.tsx';

/** The frontend keeps so many of each machine. */
const mostEvents = 200;

type Told = { readonly events: readonly EventDocument[]; readonly hasGap: boolean };

/** What happened to it, live, the latest first. */
export function Story({ name }: { readonly name: string }) {
  const [told, setTold] = useState<Told>();
  useStory(name, setTold);
  return (
    <section class="story">
      <h2>Story</h2>
      {told === undefined && <p class="muted late">Asking …</p>}
      {told?.events.length === 0 && (
        <Empty text="Nothing was heard of it yet: switch it on, and see here what it asks for." />
      )}
      {told?.hasGap === true && <p class="muted">Some of it came and went unseen.</p>}
      <Scroll label="Events, the latest first">
        <ol reversed>
          {told?.events.toReversed().map((event) => (
            <Event key={event.id} event={event} />
          ))}
        </ol>
      </Scroll>
    </section>
  );
}

function useStory(name: string, onTold: (told: Told) => void): void {
  const kept = useRef<{ events: EventDocument[]; hasGap: boolean; frame: number }>({
    ...{ events: [], hasGap: false, frame: 0 },
  });
  useEffect(() => {
    const own = { events: [] as EventDocument[], hasGap: false, frame: 0 };
    kept.current = own;
    const show = (): void => {
      own.frame = 0;
      onTold({ events: own.events.slice(-mostEvents), hasGap: own.hasGap });
    };
    const later = (): void => {
      own.frame ||= requestAnimationFrame(show);
    };
    const stop = followLive(
      { path: apiPath('/nodes/{name}/events', name).concat('?follow'), resumes: true },
      {
        onData: (value) => {
          own.events = [...own.events.slice(1 - mostEvents), value as EventDocument];
          later();
        },
        onGap: () => {
          own.hasGap = true;
          later();
        },
        onStatus: (status) => {
          if (status === 'live') later();
        },
      },
    );
    return () => {
      cancelAnimationFrame(own.frame);
      stop();
    };
  }, [name, onTold]);
}

function Event({ event }: { readonly event: EventDocument }) {
  const { atMs, event: kind, text, reason, path, sizeBytes, elapsedMs } = event;
  const isBad = /fail|refus|broken|ignored/.test(text);
  return (
    <li class={isBad ? 'bad' : undefined}>
      <time dateTime={new Date(atMs).toISOString()} title={formatFullTime(atMs)}>
        {formatTime(atMs)}
      </time>
      <b>{kind}</b>
      <span>
        {text}
        {path !== undefined && path !== '' && <code>{path}</code>}
        {sizeBytes !== undefined && ` ${formatBytes(sizeBytes)}`}
        {elapsedMs !== undefined && elapsedMs > 0 && ` in ${formatDurationOf(elapsedMs)}`}
        {reason !== undefined && <em>{reason}</em>}
      </span>
    </li>
  );
}

function formatDurationOf(elapsedMs: number): string {
  return elapsedMs < 1_000 ? `${Math.round(elapsedMs)} ms` : formatDuration(elapsedMs);
}
