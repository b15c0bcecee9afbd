import type { NodesOfState } from '../frontend/nodes/main.ts';
import { renderTable } from '../runtime/table.ts';
import { formatAge, formatBytes } from '../runtime/units.ts';

type Node = Awaited<ReturnType<NodesOfState['show']>>;
type Event = Awaited<ReturnType<NodesOfState['events']>>[number];

const dash = '–';

export function renderNodes(nodes: readonly Node[], selection: readonly string[]): string {
  if (nodes.length === 0 && selection.length > 0) return `no nodes of ${selection.join(' ')}\n`;
  if (nodes.length === 0) {
    return "no nodes yet; add one with 'scree node add NAME --mac MAC --ip IP'\n";
  }
  const head = ['NODE', 'ADDRESS', 'MAC', 'ROLE', 'RACK', 'RANK', 'BOOTS', 'STATE'];
  const rows = nodes.map((node) => [
    node.name,
    node.address ?? dash,
    node.macs.length > 1 ? `${node.macs[0]} +${node.macs.length - 1}` : (node.macs[0] ?? dash),
    node.role,
    node.rack ?? dash,
    node.rank ?? dash,
    node.bootAction,
    renderState(node, { isTimed: node.bootState !== 'os', longestReason: 60 }),
  ]);
  return renderTable(head, rows);
}

export function renderNode(node: Node): string {
  const lines = [
    `boots    ${node.bootAction}`,
    `state    ${renderState(node, { isTimed: true })}`,
    `address  ${node.address ?? dash}`,
    ...node.macs.map((mac, at) => `${at === 0 ? 'mac' : '   '}      ${mac}`),
    `uuid     ${node.uuid ?? dash}`,
    `role     ${node.role}`,
    `rack     ${node.rack ?? dash}`,
    `rank     ${node.rank ?? dash}`,
    `classes  ${renderClasses(node.clientClasses)}`,
    ...renderOptions(node.dhcpOptions),
  ];
  return [node.name, ...lines.map((line) => `  ${line}`)].map((line) => `${line}\n`).join('');
}

export function renderSaved(node: Node): string {
  return `added ${renderIdentity(node)}`;
}

export function renderChanged(nodes: readonly Node[]): string {
  const [first] = nodes;
  const isOne = nodes.length === 1 && first !== undefined;
  return isOne ? `changed ${renderIdentity(first)}` : `changed ${nodes.length} nodes\n`;
}

export function renderRemoved(nodes: readonly Node[]): string {
  const [first] = nodes;
  return nodes.length === 1 ? `removed ${first?.name}\n` : `removed ${nodes.length} nodes\n`;
}

export function renderBooted(nodes: readonly Node[], action: string): string {
  const [first] = nodes;
  if (nodes.length === 1 && first !== undefined) return `${first.name} boots ${action} next\n`;
  return `${nodes.length} nodes boot ${action} next\n`;
}

/** Each with what it boots again, as they need not be the same. */
export function renderUndone(nodes: readonly Node[]): string {
  const actions = Map.groupBy(nodes, ({ bootAction }) => bootAction);
  return [...actions]
    .map(([action, those]) => renderBooted(those, action).replace(/ next\n$/, ' next, as before\n'))
    .join('');
}

export function renderEvents(name: string, events: readonly Event[]): string {
  if (events.length === 0) return `nothing was heard of ${name} yet\n`;
  return events.map(renderEvent).join('');
}

export function renderStrangers(strangers: Awaited<ReturnType<NodesOfState['strangers']>>): string {
  if (strangers.length === 0) return 'no unknown machine was heard of yet\n';
  const head = ['MAC', 'HEARD OF', 'EVENTS', 'THE LAST ONE'];
  const rows = strangers.map(({ mac, eventCount, last }) => [
    mac,
    renderTime(last.atMs).slice(0, 19),
    eventCount,
    `${last.event}: ${last.text}`,
  ]);
  return renderTable(head, rows);
}

/** One line: when, what, and why not. */
export function renderEvent(event: Event): string {
  const figures = [
    event.path,
    event.sizeBytes === undefined ? undefined : formatBytes(event.sizeBytes),
    event.elapsedMs === undefined ? undefined : `${(event.elapsedMs / 1000).toFixed(2)} s`,
  ].filter((figure) => figure !== undefined);
  const parts = [event.text, ...figures].filter((part) => part !== '').join(', ');
  const reason = event.reason === undefined ? '' : `: ${event.reason}`;
  return `${renderTime(event.atMs)}  ${event.event.padEnd(12)}  ${parts}${reason}\n`;
}

function renderIdentity({ name, address, macs }: Node): string {
  return `${name}: ${macs.join(', ')}, ${address ?? 'without an address of its own'}\n`;
}

/** `failed: no disk found, 3 min ago` */
function renderState(
  { bootState, bootReason, stateAtMs }: Node,
  {
    isTimed,
    longestReason = Number.POSITIVE_INFINITY,
  }: { readonly isTimed: boolean; readonly longestReason?: number },
): string {
  const reason = bootReason === undefined ? '' : `: ${shorten(bootReason, longestReason)}`;
  const ago = isTimed && stateAtMs > 0 ? `, ${formatAge(Date.now() - stateAtMs)}` : '';
  return `${bootState}${reason}${ago}`;
}

function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function renderTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

function renderOptions(options: Node['dhcpOptions']): readonly string[] {
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${String(value)}`);
  return (lines.length === 0 ? [dash] : lines).map(
    (line, at) => `${at === 0 ? 'options' : '       '}  ${line}`,
  );
}

function renderClasses(classes: Node['clientClasses']): string {
  if (classes === undefined) return 'as configured';
  return classes.length === 0 ? 'none' : classes.join(', ');
}
