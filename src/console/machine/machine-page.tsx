import { useState } from 'preact/hooks';
import type { WatchedNode } from '../../cli/watch-model.ts';
import type { NodeDocument } from '../../frontend/nodes/documents.ts';
import { apiPath } from '../data/api.ts';
import { fractionOf, lookOf, lookTexts } from '../data/how-far.ts';
import { useAnswer } from '../data/load.ts';
import { may, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { formatFullTime, formatTime } from '../data/times.ts';
import { useFresh } from '../data/use-fresh.ts';
import { watched } from '../data/watch.ts';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { OrderButtons } from '../racks/order-bar.tsx';
import { OrderDialog } from '../racks/order-dialog.tsx';
import { PendingOrders } from '../racks/pending-orders.tsx';
import type { OrderAction } from '../racks/plan-order.ts';
import { Attributes } from './attributes.tsx';
import { BootFiles } from './boot-files.tsx';
import { InstallLog } from './install-log.tsx';
import { Progress } from './progress.tsx';
import { Script } from './script.tsx';
import { Story } from './story.tsx';

/** One machine, from its power-on to its end. */
export function MachinePage({ name }: { readonly name: string }) {
  const { state, isKnown } = useStore(watched);
  const node = state.nodes.get(name);
  const fresh = useFresh();
  if (!isKnown) return <Loading what={name} />;
  if (node === undefined) {
    return (
      <Empty text={`No machine is called ${name}.`}>
        <a href="#/">To the racks</a>
      </Empty>
    );
  }
  // Whatever an order, or an install, changes is looked up again.
  const version = `${node.bootState} ${node.bootAction} ${node.installNumber}`;
  const seenNow = `${version} ${fresh}`;
  return (
    <article class="machine">
      <Head node={node} />
      <PendingOrders nodes={[node]} />
      <Progress node={node} />
      {node.bootState === 'failed' && <InstallLog name={name} version={version} />}
      <div class="columns">
        <div>
          <Story name={name} />
          <BootFiles name={name} version={seenNow} />
        </div>
        <div>
          <Facts name={name} version={seenNow} />
          <Attributes name={name} version={seenNow} />
        </div>
      </div>
      <Script name={name} version={version} />
    </article>
  );
}

function Head({ node }: { readonly node: WatchedNode }) {
  const { name, role, rack, rank, bootState, bootReason, bootAction, stateAtMs } = node;
  const look = lookOf(node);
  const fraction = fractionOf(node);
  const place = [rack === null ? '' : `rack ${rack}`, rank === null ? '' : `rank ${rank}`];
  return (
    <div class="machine-head">
      <p class="crumbs">
        <a href="#/">Racks</a> · {[role, ...place].filter(Boolean).join(' · ')}
      </p>
      <h1>{name}</h1>
      <p class={`state ${look}`}>
        <span class={`swatch ${look}`} aria-hidden="true">
          {lookTexts[look].sign}
        </span>
        <b>{lookTexts[look].name}</b>
        {fraction !== undefined && ` ${Math.round(fraction * 100)} %`}
        <span class="muted" title={formatFullTime(stateAtMs)}>
          {' '}
          since {formatTime(stateAtMs)}
        </span>
        {bootState === 'os' && bootAction !== 'os' && <> · boots “{bootAction}” next</>}
      </p>
      {bootReason !== null && <p class="problem">{bootReason}</p>}
      <Buttons node={node} />
    </div>
  );
}

function Buttons({ node }: { readonly node: WatchedNode }) {
  const [wanted, setWanted] = useState<OrderAction>();
  const now = useStore(session);
  const isOnItsWay = node.bootState !== 'os';
  const mayOrder = now.kind === 'in' && may(now.operator, 'boot');
  return (
    <div class="buttons">
      {isOnItsWay && mayOrder && (
        <button type="button" onClick={() => setWanted({ name: 'os', installs: false })}>
          {node.bootState === 'install' ? 'Do not install' : 'Give up'}
        </button>
      )}
      <OrderButtons
        onWant={setWanted}
        installText={node.bootState === 'os' ? 'Install' : 'Install again'}
      />
      {wanted !== undefined && (
        <OrderDialog nodes={[node]} action={wanted} onClose={() => setWanted(undefined)} />
      )}
    </div>
  );
}

type FactsProps = { readonly name: string; readonly version: string };

function Facts({ name, version }: FactsProps) {
  const [loaded, again] = useAnswer<{ readonly node: NodeDocument }>(
    apiPath('/nodes/{name}', name),
    version,
  );
  if (loaded.kind === 'loading') return null;
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  const { macs, address, uuid, installNumber, dhcpOptions, clientClasses } = loaded.value.node;
  const options = Object.entries(dhcpOptions).map(([key, value]) => `${key}=${String(value)}`);
  const facts = [
    ['Network cards', macs.join(', ')],
    ['Address', address ?? 'of the range'],
    ['Firmware’s UUID', uuid ?? '–'],
    ['Client classes', clientClasses?.join(', ') ?? 'as configured'],
    ['DHCP options', options.join(', ') || 'as its network has'],
    ['Number of its install', installNumber === 0 ? '–' : String(installNumber)],
  ] as const;
  return (
    <section>
      <h2>Machine</h2>
      <dl>
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
