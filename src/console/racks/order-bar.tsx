import { useState } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import { useBootActions } from '../data/boot-actions.ts';
import { describeNode } from '../data/how-far.ts';
import { machineLink } from '../data/route.ts';
import { may, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { OrderDialog } from './order-dialog.tsx';
import type { OrderAction } from './plan-order.ts';

type Props = { readonly selected: readonly WatchedNode[]; readonly onClear: () => void };

/** What can be done with what is selected. */
export function OrderBar({ selected, onClear }: Props) {
  const [wanted, setWanted] = useState<OrderAction>();
  const [first] = selected;
  return (
    <section class="order-bar" aria-label="Selected machines" hidden={selected.length === 0}>
      <p role="status">
        {selected.length === 1 && first !== undefined ? (
          <>
            <a href={machineLink(first.name)}>{first.name}</a>
            <span class="detail">{describeNode(first).slice(first.name.length + 1)}</span>
          </>
        ) : (
          `${selected.length} machines selected`
        )}
      </p>
      <OrderButtons onWant={setWanted} />
      <button type="button" onClick={onClear}>
        Clear
      </button>
      {wanted !== undefined && (
        <OrderDialog
          nodes={selected}
          action={wanted}
          onClose={(isGiven) => {
            setWanted(undefined);
            if (isGiven) onClear();
          }}
        />
      )}
    </section>
  );
}

type ButtonsProps = {
  readonly onWant: (action: OrderAction) => void;
  readonly installText?: string;
};

export function OrderButtons({ onWant, installText = 'Install' }: ButtonsProps) {
  const actions = useBootActions();
  const now = useStore(session);
  if (now.kind !== 'in' || !may(now.operator, 'boot')) {
    return <p class="muted">Your token may look, not order: that takes the scope “boot”.</p>;
  }
  if (actions.kind !== 'there') return <p class="muted">…</p>;
  const [install, ...others] = actions.value;
  return (
    <>
      {install !== undefined && (
        <button type="button" class="primary" onClick={() => onWant(install)}>
          {installText}
        </button>
      )}
      <select
        aria-label="Another next boot"
        value=""
        onChange={({ currentTarget }) => {
          const action = others.find(({ name }) => name === currentTarget.value);
          currentTarget.value = '';
          if (action !== undefined) onWant(action);
        }}
      >
        <option value="" disabled>
          Next boot…
        </option>
        {others.map(({ name }) => (
          <option key={name} value={name}>
            {name === 'os' ? 'os: from disk' : name}
          </option>
        ))}
      </select>
    </>
  );
}
