import type { WatchedNode } from '../../cli/watch-model.ts';

export type OrderedNode = Pick<WatchedNode, 'name' | 'bootState' | 'bootAction' | 'installNumber'>;

export type OrderAction = { readonly name: string; readonly installs: boolean };

export type Consequence = {
  readonly count: number;
  /** Something is lost. */
  readonly isGrave: boolean;
  readonly text: string;
};

/** What an order will do to these machines, by what they are doing now: to be said before it is given. */
export function describeOrder(
  nodes: readonly OrderedNode[],
  action: OrderAction,
): readonly Consequence[] {
  const groups = new Map<string, Consequence>();
  for (const node of nodes) {
    const { text, isGrave } = consequenceOf(node, action);
    groups.set(text, { text, isGrave, count: (groups.get(text)?.count ?? 0) + 1 });
  }
  return [...groups.values()].toSorted(
    (a, b) => Number(b.isGrave) - Number(a.isGrave) || b.count - a.count,
  );
}

type Told = Omit<Consequence, 'count'>;

function consequenceOf(node: OrderedNode, action: OrderAction): Told {
  if (action.installs) return ofInstall(node, action);
  return action.name === 'os' ? ofDisk(node) : ofOther(node, action);
}

function ofInstall({ bootState, bootAction }: OrderedNode, { name }: OrderAction): Told {
  const what = name === 'install' ? 'installed' : `installed by “${name}”`;
  switch (bootState) {
    case 'os':
      return grave(`will be ${what} at the next boot, which overwrites what is on the disk`);
    case 'failed':
      return grave(`failed, and will be ${what} again at the next boot`);
    case 'booting':
    case 'installing':
      return grave(`being installed: that install counts no more, ${what} anew at the next boot`);
    case 'install':
      return bootAction === name
        ? mild('to be installed already: nothing changes')
        : grave(`to boot “${bootAction}” until now, will be ${what} instead`);
  }
}

function ofDisk({ bootState }: OrderedNode): Told {
  switch (bootState) {
    case 'os':
      return mild('will boot from disk');
    case 'install':
      return mild('to be installed until now, will boot from disk instead');
    case 'failed':
      return mild(
        'failed: will boot what the install has left on the disk, and count as failed no more',
      );
    case 'booting':
    case 'installing':
      return grave('being installed: that is given up, and what it has left on the disk is booted');
  }
}

function ofOther({ bootState }: OrderedNode, { name }: OrderAction): Told {
  const boots = `will boot “${name}”, each time until something else is ordered`;
  switch (bootState) {
    case 'os':
      return mild(boots);
    case 'failed':
      return mild(`failed: ${boots}; still counted as failed`);
    case 'install':
      return mild(`to be installed until now: ${boots}`);
    case 'booting':
    case 'installing':
      return grave(`being installed: that is given up; ${boots}`);
  }
}

function grave(text: string): Told {
  return { text, isGrave: true };
}

function mild(text: string): Told {
  return { text, isGrave: false };
}

/** An order as it was given, with what it was before. */
export type GivenOrder = {
  readonly id: number;
  readonly atMs: number;
  readonly action: OrderAction;
  readonly before: readonly OrderedNode[];
  /** The names of those that install. */
  readonly installActions: ReadonlySet<string>;
  /** By name, right after the order. */
  readonly after: ReadonlyMap<string, OrderedNode>;
};

export type UndoPart = { readonly action: string; readonly selection: readonly string[] };

/**
 * The orders that bring back what was before, for the machines for which that can still be: those
 * that have not booted since, and of which no install was cut off. Each name goes with a condition
 * that the frontend checks at the moment of the undo.
 */
export function planUndo(
  order: GivenOrder,
  now: ReadonlyMap<string, OrderedNode>,
): readonly UndoPart[] {
  const words = order.before.flatMap((before) => {
    const node = now.get(before.name);
    const action = node === undefined ? undefined : actionBefore(before, node, order);
    if (action === undefined) return [];
    const condition = order.action.installs ? 'state=install' : `action=${order.action.name}`;
    return [{ action, word: `${before.name},${condition}` }];
  });
  return [...Map.groupBy(words, ({ action }) => action)].map(([action, some]) => ({
    action,
    selection: some.map(({ word }) => word),
  }));
}

function actionBefore(
  before: OrderedNode,
  node: OrderedNode,
  { action, after, installActions }: GivenOrder,
): string | undefined {
  const ordered = after.get(before.name);
  const isUntouched =
    ordered !== undefined &&
    node.bootState === ordered.bootState &&
    node.bootAction === ordered.bootAction &&
    node.installNumber === ordered.installNumber;
  if (!isUntouched) return undefined;
  switch (before.bootState) {
    case 'booting':
    case 'installing':
      return undefined;
    case 'install':
      if (before.bootAction === action.name || !installActions.has(before.bootAction))
        return undefined;
      return before.bootAction;
    case 'os':
      // One that boots its disk is not to be armed by an undo.
      if (installActions.has(before.bootAction)) return action.name === 'os' ? undefined : 'os';
      return before.bootAction === action.name ? undefined : before.bootAction;
    case 'failed':
      // Nothing that can be ordered makes it a failed one again; its disk is as it was.
      return action.installs ? 'os' : undefined;
  }
}
