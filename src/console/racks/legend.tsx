import { useMemo } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import { type Look, lookOf, looks, lookTexts } from '../data/how-far.ts';

type Props = {
  readonly nodes: ReadonlyMap<string, WatchedNode>;
  readonly chosen: ReadonlySet<Look>;
  readonly onChoose: (chosen: ReadonlySet<Look>) => void;
};

/** What the colours and signs mean, how many are so, and only those, when they are chosen. */
export function Legend({ nodes, chosen, onChoose }: Props) {
  const counts = useMemo(() => {
    const counted = new Map<Look, number>();
    for (const node of nodes.values()) {
      const look = lookOf(node);
      counted.set(look, (counted.get(look) ?? 0) + 1);
    }
    return counted;
  }, [nodes]);
  const toggle = (look: Look): void => {
    const next = new Set(chosen);
    if (!next.delete(look)) next.add(look);
    onChoose(next);
  };
  return (
    <fieldset class="legend">
      <legend class="unseen">Show only</legend>
      {looks.map((look) => (
        <button
          key={look}
          type="button"
          class="plain"
          aria-pressed={chosen.has(look)}
          title={lookTexts[look].hint}
          onClick={() => toggle(look)}
        >
          <span class={`swatch ${look}`} aria-hidden="true">
            {lookTexts[look].sign}
          </span>
          {lookTexts[look].name} <b>{counts.get(look) ?? 0}</b>
        </button>
      ))}
    </fieldset>
  );
}
