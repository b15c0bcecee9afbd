import { useEffect, useState } from 'preact/hooks';
import { useStore } from './store.ts';
import { liveStatus } from './watch.ts';

/**
 * Another number whenever there is a reason to look again at what is told by no stream: the page is
 * shown again, or the frontend has come back.
 */
export function useFresh(): number {
  const [times, setTimes] = useState(0);
  const status = useStore(liveStatus);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') setTimes((n) => n + 1);
    };
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
    };
  }, []);
  useEffect(() => {
    if (status === 'live') setTimes((n) => n + 1);
  }, [status]);
  return times;
}
