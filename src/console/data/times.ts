/** Times as the viewer's browser has them: zone, and order of day and month. */
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** Today only the time, else the day, too. */
export function formatTime(atMs: number): string {
  const isToday = day.format(atMs) === day.format(Date.now());
  return isToday ? clock.format(atMs) : `${day.format(atMs)}, ${clock.format(atMs)}`;
}

/** With the zone. */
export function formatFullTime(atMs: number): string {
  return both.format(atMs);
}

/** `45 s`, `3 min 12 s`, `2 h 5 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (minutes === 0) return `${seconds} s`;
  return hours === 0 ? `${minutes} min ${seconds % 60} s` : `${hours} h ${minutes % 60} min`;
}
