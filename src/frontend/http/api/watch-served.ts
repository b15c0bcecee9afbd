import { createLooks, type Looks, type Parts } from '../looks.ts';
import { streamAtPace } from '../stream-pace.ts';
import { profileAttributesOf } from './attribute-operations.ts';
import type { ApiDeps } from './deps.ts';
import { imagesOf } from './inspect-operations.ts';
import { type ApiCall, defineOperation, type Operation, streamed } from './operation.ts';
import { profilesOf } from './profile-operations.ts';
import { servedSchema } from './schemas.ts';
import { treesOf } from './tree-operations.ts';

/** Trees, profiles and images, live. */
export function watchServedOperations(deps: ApiDeps): readonly Operation[] {
  const looks = createLooks({ log: deps.log, look: () => lookAt(deps) });
  return [
    defineOperation({
      ...{ method: 'GET', path: '/served/watch', id: 'watchServed', tag: 'trees', scope: 'read' },
      summary:
        'Trees, profiles, for whom they are, and images, then those of the four that have ' +
        'changed, as server-sent events',
      streams: 'always',
      answer: servedSchema,
      run: async ({ exchange }) => {
        await watch(deps, looks, exchange);
        return streamed;
      },
    }),
  ];
}

async function lookAt(deps: ApiDeps): Promise<Parts> {
  const images = await imagesOf(deps);
  return {
    trees: JSON.stringify(treesOf(deps.trees)),
    profiles: JSON.stringify(profilesOf(deps.profiles)),
    profileAttributes: JSON.stringify(profileAttributesOf(deps)),
    images: JSON.stringify(images),
  };
}

async function watch(
  { log }: Pick<ApiDeps, 'log'>,
  looks: Looks,
  exchange: ApiCall<unknown, unknown>['exchange'],
): Promise<void> {
  let told: Parts = {};
  const news = (): string | undefined => {
    const before = told;
    told = looks.seen();
    const changed = Object.entries(told).filter(([key, text]) => before[key] !== text);
    if (changed.length === 0) return undefined;
    return `data: {${changed.map(([key, text]) => `"${key}":${text}`).join(',')}}\n\n`;
  };
  await looks.now();
  return streamAtPace(exchange, {
    log,
    first: () => news() ?? '',
    next: news,
    follow: ({ ring }) => looks.follow(ring),
  });
}
