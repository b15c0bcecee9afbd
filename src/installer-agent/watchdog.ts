export type Watchdog = {
  readonly progress: () => void;
  readonly stop: () => void;
};

/**
 * Calls `onStall` once when nothing progressed for `limitMs`. Time in which `isPaused` says that
 * somebody else holds things up is not counted.
 */
export function createWatchdog(options: {
  readonly limitMs: number;
  readonly isPaused: () => boolean;
  readonly onStall: () => void;
}): Watchdog {
  const timer = setTimeout(() => {
    if (options.isPaused()) timer.refresh();
    else options.onStall();
  }, options.limitMs);
  return { progress: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}
