import { useMemo } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { bootActionSchema } from '../../frontend/http/api/schemas.ts';
import type { OrderAction } from '../racks/plan-order.ts';
import { apiPath } from './api.ts';
import { type Loaded, useAnswer } from './load.ts';

type BootAction = InferOutput<typeof bootActionSchema>;

/** What machines can be made to boot: to install and the disk first. */
export function useBootActions(): Loaded<readonly OrderAction[]> {
  const [loaded] = useAnswer<{ readonly bootActions: readonly BootAction[] }>(
    apiPath('/boot-actions'),
  );
  const actions = useMemo(
    () => (loaded.kind === 'there' ? loaded.value.bootActions.map(orderActionOf) : undefined),
    [loaded],
  );
  if (loaded.kind !== 'there' || actions === undefined)
    return loaded.kind === 'failed' ? loaded : { kind: 'loading' };
  const usual = ['install', 'os'];
  const first = usual.flatMap((name) => actions.find((each) => each.name === name) ?? []);
  const others = actions.filter(({ name }) => !usual.includes(name));
  return { kind: 'there', value: [...first, ...others] };
}

function orderActionOf(action: BootAction): OrderAction {
  return { name: action.name, installs: action.kind === 'kernel' && action.installs };
}
