import { useStore } from '../data/store.ts';
import { watched } from '../data/watch.ts';
import { Empty, Loading } from '../parts/notices.tsx';

export function RunPage() {
  const { isKnown } = useStore(watched);
  if (!isKnown) return <Loading what="the installs" />;
  return <Empty text="Nothing is being installed." />;
}
