import { useMemo } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import { describeNode, fractionOf, lookOf, lookTexts } from '../data/how-far.ts';
import type { Rack } from './group-racks.ts';

type Props = {
  readonly rack: Rack;
  readonly selected: ReadonlySet<string>;
  /** Where the keyboard is; undefined: in another rack. */
  readonly active: string | undefined;
};

/** One rack, its machines from the top. What is clicked is heard by the page. */
export function RackPanel({ rack, selected, active }: Props) {
  const own = rack.nodes.filter(({ name }) => selected.has(name));
  const key = own.map(({ name }) => name).join(' ');
  return useMemo(
    () => <Panel rack={rack} selected={selected} active={active} count={own.length} />,
    [rack, key, active],
  );
}

function Panel({ rack, selected, active, count }: Props & { readonly count: number }) {
  const title = titleOf(rack);
  const tabIndex = active === undefined ? -1 : 0;
  const isWide = rack.nodes.some(({ rank }) => rank === null);
  return (
    <section class={isWide ? 'rack wide' : 'rack'} data-rack={rack.number ?? 'none'}>
      <h2>
        <button
          type="button"
          class="plain"
          tabIndex={tabIndex}
          data-select-rack={rack.number ?? 'none'}
          aria-pressed={count === rack.nodes.length}
        >
          {title}
          <small>{count > 0 ? `✓${count}` : rack.nodes.length}</small>
          <span class="unseen">{count > 0 ? ' selected' : ' machines'}: select all</span>
        </button>
      </h2>
      <div
        class="cells"
        role="listbox"
        aria-multiselectable="true"
        aria-label={title}
        tabIndex={tabIndex}
        aria-activedescendant={active === undefined ? undefined : cellId(active)}
      >
        {rack.nodes.map((node) => (
          <Cell
            key={node.name}
            node={node}
            isSelected={selected.has(node.name)}
            isActive={node.name === active}
          />
        ))}
      </div>
    </section>
  );
}

type CellProps = {
  readonly node: WatchedNode;
  readonly isSelected: boolean;
  readonly isActive: boolean;
};

function Cell({ node, isSelected, isActive }: CellProps) {
  const look = lookOf(node);
  const fraction = fractionOf(node);
  const text = describeNode(node);
  const sign = look === 'installing' ? Math.round((fraction ?? 0) * 100) : lookTexts[look].sign;
  const isOther = look !== 'install' && node.bootAction !== 'os' && node.bootState === 'os';
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and says which option is meant
    <div
      id={cellId(node.name)}
      role="option"
      class={`cell ${look}${isActive ? ' active' : ''}`}
      data-name={node.name}
      aria-selected={isSelected}
      aria-label={text}
      title={text}
      style={fraction === undefined ? undefined : { '--far': fraction }}
      // Drawn by the style sheet: who hears the page is told the label, and nothing twice.
      data-place={node.rank ?? node.name}
      data-sign={isOther ? '↷' : sign}
    />
  );
}

export function cellId(name: string): string {
  return `cell-${name}`;
}

export function titleOf({ number }: Rack): string {
  return number === undefined ? 'No rack' : `Rack ${number}`;
}
