import type { WatchedNode } from '../../cli/watch-model.ts';

export type OrderedNode = Pick<WatchedNode, 'name' | 'bootState' | 'bootAction'>;

export type OrderAction = { readonly name: string; readonly installs: boolean };

export type Consequence = {
  readonly count: number;
  /** Something is lost. */
  readonly isGrave: boolean;
  readonly text: string;
};

/** What was ordered at a time, and was not followed yet. */
export type PendingOrder = {
  /** Unlike all others. */
  readonly key: string;
  readonly atMs: number;
  /** Undefined: nobody in particular. */
  readonly by: string | undefined;
  readonly action: string;
  /** The machines that have not booted since. */
  readonly names: readonly string[];
};

/** The orders that can be taken back, whoever gave them, the latest first. */
export function pendingOrders(
  nodes: Iterable<Pick<WatchedNode, 'name' | 'bootAction' | 'undo'>>,
): readonly PendingOrder[] {
  const orders = new Map<string, PendingOrder & { readonly names: string[] }>();
  for (const { name, bootAction: action, undo } of nodes) {
    if (undo === undefined) continue;
    const { orderedAtMs: atMs, by } = undo;
    const key = `${atMs} ${action}`;
    const order = orders.get(key) ?? { key, atMs, by: by ?? undefined, action, names: [] };
    order.names.push(name);
    orders.set(key, order);
  }
  return [...orders.values()].toSorted((a, b) => b.atMs - a.atMs);
}

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
