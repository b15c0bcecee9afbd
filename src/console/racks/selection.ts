/** Which machines are selected, and the one that a range begins at. */
export type Selection = {
  readonly names: ReadonlySet<string>;
  readonly anchor: string | undefined;
};

export const nothingSelected: Selection = { names: new Set(), anchor: undefined };

/**
 * A click: alone it selects one; with Ctrl or Cmd it adds one or takes it away; with Shift it
 * selects all from the one that was clicked before. `order` are the names as they are shown.
 */
export function click(
  selection: Selection,
  name: string,
  how: { readonly isRange: boolean; readonly isToggle: boolean; readonly order: readonly string[] },
): Selection {
  if (how.isRange) {
    const range = rangeOf(how.order, selection.anchor ?? name, name);
    const base = how.isToggle ? selection.names : [];
    return { names: new Set([...base, ...range]), anchor: selection.anchor ?? name };
  }
  if (how.isToggle) return { names: toggled(selection.names, [name]), anchor: name };
  return { names: new Set([name]), anchor: name };
}

/** All of them are added or, when they were all in it, taken away. */
export function toggled(
  selected: ReadonlySet<string>,
  names: readonly string[],
): ReadonlySet<string> {
  const next = new Set(selected);
  const areAllIn = names.every((name) => next.has(name));
  for (const name of names) {
    if (areAllIn) next.delete(name);
    else next.add(name);
  }
  return next;
}

function rangeOf(order: readonly string[], from: string, to: string): readonly string[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  return order.slice(Math.min(a, b), Math.max(a, b) + 1);
}
