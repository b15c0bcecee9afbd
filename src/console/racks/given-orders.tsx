import { useState } from 'preact/hooks';
import { messageOf } from '../data/api.ts';
import { forget, givenOrders, undo } from '../data/orders.ts';
import { noteRefusal } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { formatTime } from '../data/times.ts';
import { watched } from '../data/watch.ts';
import { titleOf } from './order-dialog.tsx';
import { type GivenOrder, planUndo } from './plan-order.ts';

/** What was ordered here, to be undone for as long as that can be. */
export function GivenOrders() {
  const orders = useStore(givenOrders);
  const [told, setTold] = useState('');
  return (
    <div class="orders">
      <p role="status" class={told === '' ? 'unseen' : undefined}>
        {told}
      </p>
      {orders.map((order) => (
        <Order key={order.id} order={order} onTold={setTold} />
      ))}
    </div>
  );
}

function Order({
  order,
  onTold,
}: {
  readonly order: GivenOrder;
  readonly onTold: (text: string) => void;
}) {
  const { state } = useStore(watched);
  const parts = planUndo(order, state.nodes);
  const left = parts.reduce((sum, { selection }) => sum + selection.length, 0);
  const all = order.before.length;
  const takeBack = async (): Promise<void> => {
    try {
      const count = await undo(order, parts);
      onTold(
        count === left ? `Undone for ${count}.` : `Undone for ${count}: the others have booted.`,
      );
    } catch (error) {
      noteRefusal(error);
      onTold(messageOf(error));
    }
  };
  return (
    <div class="order">
      <p>
        {formatTime(order.atMs)}: {titleOf(order.action, all)}
        {left < all && <span class="muted"> · can be undone for {left}</span>}
      </p>
      {left > 0 && (
        <button type="button" onClick={() => void takeBack()}>
          Undo
        </button>
      )}
      <button type="button" class="plain" aria-label="Dismiss" onClick={() => forget(order)}>
        ×
      </button>
    </div>
  );
}
