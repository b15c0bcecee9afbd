import type { NodeStore } from '../nodes/store.ts';

/** Which node the installs were of that a later one has followed. */
export type EndedInstalls = {
  /** Undefined: it is not such an install, or ended before this program ran, or long ago. */
  readonly nameOf: (installNumber: number) => string | undefined;
  readonly close: () => void;
};

/** Remembers the numbers of ended installs, the oldest not for ever. */
export function createEndedInstalls(
  store: Pick<NodeStore, 'onChange'>,
  { most = 65_536 }: { readonly most?: number } = {},
): EndedInstalls {
  const names = new Map<number, string>();
  const close = store.onChange((changes) => {
    for (const { before, after } of changes) {
      const installNumber = before?.installNumber ?? 0;
      if (before === undefined || installNumber === 0) continue;
      if (installNumber === after?.installNumber) continue;
      names.set(installNumber, before.name);
      const [oldest] = names.keys();
      if (names.size > most && oldest !== undefined) names.delete(oldest);
    }
  });
  return { nameOf: (installNumber) => names.get(installNumber), close };
}
