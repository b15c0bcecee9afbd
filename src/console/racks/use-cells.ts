import { useCallback, useRef, useState } from 'preact/hooks';
import { machineLink } from '../data/route.ts';
import type { Rack } from './group-racks.ts';
import { cellId } from './rack-panel.tsx';
import { click, nothingSelected, type Selection, toggled } from './selection.ts';

/** What is selected, and how mouse, fingers and keys change it. */
export function useCells(racks: readonly Rack[]) {
  const [selection, setSelection] = useState<Selection>(nothingSelected);
  const [active, setActive] = useState<string>();
  const lastPointer = useRef('mouse');
  const lastClicks = useRef<readonly (string | undefined)[]>([]);
  const order = racks.flatMap(({ nodes }) => nodes.map(({ name }) => name));

  const add = useCallback((names: readonly string[], keeps = true) => {
    setSelection(({ names: before, anchor }) => {
      return { names: new Set([...(keeps ? before : []), ...names]), anchor };
    });
  }, []);
  const onClick = (event: MouseEvent): void => {
    const rack = wordOf(event, 'selectRack');
    const name = wordOf(event, 'name');
    lastClicks.current = [lastClicks.current.at(-1), name];
    if (rack !== undefined) {
      const names = racks.find(({ number }) => String(number ?? 'none') === rack)?.nodes ?? [];
      const own = names.map((node) => node.name);
      setSelection({ ...selection, names: toggled(selection.names, own) });
    } else if (name !== undefined) {
      const isToggle = event.ctrlKey || event.metaKey || lastPointer.current === 'touch';
      setActive(name);
      setSelection(click(selection, name, { isRange: event.shiftKey, isToggle, order }));
    }
  };
  /** Quick taps on two machines that stand together are no double click on the second. */
  const onDblClick = (): void => {
    const [first, second] = lastClicks.current;
    if (second !== undefined && first === second) location.hash = machineLink(second);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || event.target.role !== 'listbox') return;
    const { key, shiftKey } = event;
    const from = active ?? order[0];
    if (from === undefined) return;
    const to = moved(racks, from, key);
    if (to !== undefined) {
      setActive(to);
      if (shiftKey) setSelection(click(selection, to, { isRange: true, isToggle: false, order }));
      else setSelection({ ...selection, anchor: to });
      show(to);
    } else if (key === ' ') {
      setSelection(click(selection, from, { isRange: false, isToggle: true, order }));
    } else if (key === 'a' && (event.ctrlKey || event.metaKey)) {
      setSelection({ ...selection, names: new Set(order) });
    } else if (key === 'Enter') location.hash = machineLink(from);
    else if (key === 'Escape') setSelection(nothingSelected);
    else return;
    event.preventDefault();
  };

  return {
    selected: selection.names,
    /** Where the keyboard is, or would be. */
    active: active !== undefined && order.includes(active) ? active : order[0],
    add,
    clear: () => setSelection(nothingSelected),
    onClick,
    onDblClick,
    onKeyDown,
    notePointer: (event: PointerEvent) => {
      lastPointer.current = event.pointerType;
    },
  };
}

/** Up and down in a rack, left and right to the same place of the next. */
function moved(racks: readonly Rack[], from: string, key: string): string | undefined {
  const rackAt = racks.findIndex(({ nodes }) => nodes.some(({ name }) => name === from));
  const nodes = racks[rackAt]?.nodes ?? [];
  const at = nodes.findIndex(({ name }) => name === from);
  switch (key) {
    case 'ArrowDown':
      return nodes[at + 1]?.name;
    case 'ArrowUp':
      return nodes[at - 1]?.name;
    case 'Home':
      return nodes[0]?.name;
    case 'End':
      return nodes.at(-1)?.name;
    case 'ArrowRight':
      return placeIn(racks[rackAt + 1], at);
    case 'ArrowLeft':
      return placeIn(racks[rackAt - 1], at);
    default:
      return undefined;
  }
}

function placeIn(rack: Rack | undefined, at: number): string | undefined {
  return rack?.nodes[Math.min(at, rack.nodes.length - 1)]?.name;
}

/** The keys go on in the list that holds it. */
function show(name: string): void {
  requestAnimationFrame(() => {
    const cell = document.getElementById(cellId(name));
    cell?.closest<HTMLElement>('[role=listbox]')?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
}

function wordOf({ target }: Event, key: 'name' | 'selectRack'): string | undefined {
  const attribute = key === 'name' ? 'data-name' : 'data-select-rack';
  if (!(target instanceof Element)) return undefined;
  return target.closest(`[${attribute}]`)?.getAttribute(attribute) ?? undefined;
}
