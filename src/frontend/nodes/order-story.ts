import type { Operator } from '../operators/types.ts';
import type { NewEvent } from './event-log.ts';
import type { NodeChange } from './node-index.ts';

/** What an operator's orders are in the stories of the machines. */
export function describeOrders(
  changes: readonly NodeChange[],
  event: 'order' | 'undo',
  operator: Operator | undefined,
): readonly NewEvent[] {
  const origin = operator === undefined ? {} : { reason: `by ${shownOperator(operator)}` };
  return changes.flatMap(({ before, after }) => {
    if (before === undefined || after === undefined) return [];
    const states = `${before.bootState} → ${after.bootState}`;
    const text = `boot ${after.bootAction} next (${states})`;
    return [{ machine: after.name, event, text, ...origin }];
  });
}

function shownOperator({ who, address }: Operator): string {
  return address === undefined ? who : `${who} from ${address}`;
}
