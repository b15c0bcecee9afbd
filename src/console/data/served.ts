import { useEffect, useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { servedSchema } from '../../frontend/http/api/schemas.ts';
import { apiPath } from './api.ts';
import { followLive } from './live.ts';

type News = InferOutput<typeof servedSchema>;
export type Served = Required<News>;

/** Trees, profiles and images, as the frontend tells of them; undefined until it has. */
export function useServed(): Served | undefined {
  const [served, setServed] = useState<News>({});
  useEffect(
    () =>
      followLive(
        { path: apiPath('/served/watch') },
        {
          onData: (news, isAll) =>
            setServed((known) => ({ ...(isAll ? {} : known), ...(news as News) })),
        },
      ),
    [],
  );
  return isWhole(served) ? served : undefined;
}

function isWhole(news: News): news is Served {
  const { trees, profiles, profileAttributes, images } = news;
  return [trees, profiles, profileAttributes, images].every((part) => part !== undefined);
}
