import { useState } from 'preact/hooks';
import { messageOf } from '../data/api.ts';
import { giveOrder } from '../data/orders.ts';
import { noteRefusal } from '../data/session.ts';
import { Dialog } from '../parts/dialog.tsx';
import { describeOrder, type OrderAction, type OrderedNode } from './plan-order.ts';

type Props = {
  readonly nodes: readonly OrderedNode[];
  readonly action: OrderAction;
  readonly onClose: (isGiven: boolean) => void;
};

const shownNames = 12;

/** The one confirmation of an order: it says what will happen to which machines. */
export function OrderDialog({ nodes, action, onClose }: Props) {
  // What was confirmed is what is ordered, whatever happens to the machines meanwhile.
  const [ordered] = useState(nodes);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const title = titleOf(action, ordered.length);
  const names = ordered.map(({ name }) => name);
  const give = async (): Promise<void> => {
    setBusy(true);
    try {
      await giveOrder(names, action.name);
      onClose(true);
    } catch (error) {
      noteRefusal(error);
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  const cutsOff = ordered.some(({ bootState }) => /^(booting|installing)$/.test(bootState));
  return (
    <Dialog title={`${title}?`} onClose={() => onClose(false)}>
      <ul class="consequences">
        {describeOrder(ordered, action).map(({ count, text, isGrave }) => (
          <li key={text} class={isGrave ? 'grave' : undefined}>
            <b>{count}</b> {text}
          </li>
        ))}
      </ul>
      <p class="muted names">
        {names.slice(0, shownNames).join(', ')}
        {names.length > shownNames && ` and ${names.length - shownNames} more`}
      </p>
      <p class="muted">
        Nothing is switched on or off. Until a machine has booted it can be undone
        {cutsOff && ', but an install that is cut off does not come back'}.
      </p>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={() => onClose(false)}>
          Cancel
        </button>
        <button type="button" class="primary" disabled={isBusy} onClick={() => void give()}>
          {title}
        </button>
      </div>
    </Dialog>
  );
}

export function titleOf({ name, installs }: OrderAction, count: number): string {
  const machines = count === 1 ? '1 machine' : `${count} machines`;
  if (name === 'install') return `Install ${machines}`;
  if (name === 'os') return `Boot ${machines} from disk`;
  return installs ? `Install ${machines} by “${name}”` : `Boot “${name}” on ${machines}`;
}
