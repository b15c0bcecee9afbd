import { useMemo, useRef, useState } from 'preact/hooks';
import { type Look, lookOf } from '../data/how-far.ts';
import { useStore } from '../data/store.ts';
import { watched } from '../data/watch.ts';
import { Empty, Loading } from '../parts/notices.tsx';
import { filterOf } from './filter-nodes.ts';
import { groupRacks, type Rack } from './group-racks.ts';
import { Legend } from './legend.tsx';
import { OrderBar } from './order-bar.tsx';
import { PendingOrders } from './pending-orders.tsx';
import { RackPanel } from './rack-panel.tsx';
import { SelectBy } from './select-by.tsx';
import { useBand } from './use-band.ts';
import { useCells } from './use-cells.ts';

/** Every machine as a cell in its rack. */
export function RacksPage() {
  const { state, isKnown } = useStore(watched);
  const all = useMemo(() => [...state.nodes.values()], [state.nodes]);
  const [search, setSearch] = useState('');
  const [looks, setLooks] = useState<ReadonlySet<Look>>(new Set());
  const racks = useRacks(search, looks);
  const cells = useCells(racks);
  const [band, beginBand] = useBand(cells.add);
  if (!isKnown) return <Loading what="the machines" />;
  if (state.nodes.size === 0) return <NoMachines />;
  const shown = racks.flatMap(({ nodes }) => nodes);
  const selected = all.filter(({ name }) => cells.selected.has(name));
  return (
    <div class="racks-page">
      <h1 class="unseen">Racks</h1>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter machines"
          placeholder="Filter: name, rack=0-3, …"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <SelectBy shown={shown} all={all} onSelect={cells.add} />
        <Legend nodes={state.nodes} chosen={looks} onChoose={setLooks} />
      </div>
      <PendingOrders nodes={all} />
      {shown.length === 0 && <Empty text="No machine is like that." />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the lists in it have the roles */}
      <div
        class="racks"
        onClick={cells.onClick}
        onDblClick={cells.onDblClick}
        onKeyDown={cells.onKeyDown}
        onPointerDown={(event) => {
          cells.notePointer(event);
          beginBand(event);
        }}
      >
        {racks.map((rack) => (
          <RackPanel
            key={rack.number ?? 'none'}
            rack={rack}
            selected={cells.selected}
            active={rack.nodes.find(({ name }) => name === cells.active)?.name}
          />
        ))}
        {band !== undefined && (
          <div
            class="band"
            style={{
              left: `${band.left}px`,
              top: `${band.top}px`,
              width: `${band.width}px`,
              height: `${band.height}px`,
            }}
          />
        )}
      </div>
      <OrderBar selected={selected} onClear={cells.clear} />
    </div>
  );
}

/** Those that the filter leaves. */
function useRacks(search: string, looks: ReadonlySet<Look>): readonly Rack[] {
  const { state } = useStore(watched);
  const before = useRef<readonly Rack[]>([]);
  return useMemo(() => {
    const test = filterOf(search);
    const shown = [...state.nodes.values()].filter(
      (node) => test(node) && (looks.size === 0 || looks.has(lookOf(node))),
    );
    before.current = groupRacks(shown, before.current);
    return before.current;
  }, [state.nodes, search, looks]);
}

function NoMachines() {
  return (
    <Empty text="No machine is known yet.">
      <p>
        Make them known by <code>scree node import</code>, or switch them on one after the other and{' '}
        <a href="#/discover">discover</a> them.
      </p>
    </Empty>
  );
}
