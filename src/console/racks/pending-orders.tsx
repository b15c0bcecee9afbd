import { useMemo, useState } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import { messageOf } from '../data/api.ts';
import { useBootActions } from '../data/boot-actions.ts';
import type { Loaded } from '../data/load.ts';
import { dismiss, dismissedOrders, undo } from '../data/orders.ts';
import { may, noteRefusal, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { formatFullTime, formatTime } from '../data/times.ts';
import { titleOf } from './order-dialog.tsx';
import { type OrderAction, type PendingOrder, pendingOrders } from './plan-order.ts';

const mostShown = 5;

/** What was ordered for these machines, by whomever, to be undone until they have booted. */
export function PendingOrders({ nodes }: { readonly nodes: readonly WatchedNode[] }) {
  const actions = useBootActions();
  const orders = useMemo(() => pendingOrders(nodes), [nodes]);
  const dismissed = useStore(dismissedOrders);
  const [told, setTold] = useState('');
  const shown = orders.filter(({ key }) => !dismissed.includes(key));
  return (
    <div class="orders">
      <p role="status" class={told === '' ? 'unseen' : undefined}>
        {told}
      </p>
      {shown.slice(0, mostShown).map((order) => (
        <Order key={order.key} order={order} action={actionOf(order, actions)} onTold={setTold} />
      ))}
      {shown.length > mostShown && (
        <p class="muted">and {shown.length - mostShown} older orders that can be undone</p>
      )}
    </div>
  );
}

function actionOf({ action: name }: PendingOrder, actions: Loaded<readonly OrderAction[]>) {
  const known = actions.kind === 'there' ? actions.value : [];
  return known.find((each) => each.name === name) ?? { name, installs: false };
}

type OrderProps = {
  readonly order: PendingOrder;
  readonly action: OrderAction;
  readonly onTold: (text: string) => void;
};

function Order({ order, action, onTold }: OrderProps) {
  const now = useStore(session);
  const { atMs, by, names } = order;
  const takeBack = async (): Promise<void> => {
    try {
      const count = await undo(order);
      const rest = count === names.length ? '' : ' The others have booted.';
      onTold(`Undone for ${count}.${rest}`);
    } catch (error) {
      noteRefusal(error);
      onTold(messageOf(error));
    }
  };
  return (
    <div class="order">
      <p>
        <span title={formatFullTime(atMs)}>{formatTime(atMs)}</span>:{' '}
        {titleOf(action, names.length)}
        <span class="muted">
          {' '}
          · {by === undefined ? '' : `ordered by ${by.replace(/^token:/, '')}, `}not booted yet
        </span>
      </p>
      {now.kind === 'in' && may(now.operator, 'boot') && (
        <button type="button" onClick={() => void takeBack()}>
          Undo
        </button>
      )}
      <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(order)}>
        ×
      </button>
    </div>
  );
}
