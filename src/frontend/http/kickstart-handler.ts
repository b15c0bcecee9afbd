import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseError } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import type { Who } from '../boot/who.ts';
import type { Installs } from '../installs/installs.ts';
import type { Admission } from '../kickstart/admission.ts';
import { decideKickstart, type KickstartDecision } from '../kickstart/decide.ts';
import {
  type KickstartTarget,
  readArchitecture,
  readKickstartUrl,
  readProvisioningMacs,
} from '../kickstart/request.ts';
import type { RenderScript } from '../kickstart/scripts.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { MachineNode } from '../nodes/types.ts';
import { ProfileError } from '../profiles/errors.ts';
import type { Rendered } from '../profiles/types.ts';
import type { Exchange } from './install-handler.ts';
import { sendText } from './replies.ts';
import { serverOf } from './server-of.ts';

export type KickstartDeps = {
  readonly log: Log;
  readonly who: Who;
  readonly nodes: Pick<NodeRecords, 'store' | 'events'>;
  readonly installs: Pick<Installs, 'holderOf' | 'kickstartAsked'>;
  readonly admission: Admission;
  /** Throws ProfileError. */
  readonly render: RenderScript;
  readonly isOperator: (request: IncomingMessage) => boolean;
};

const retryAfterSeconds = 15;

/**
 * Answers requests for install scripts (ROCKS' `kickstart.cgi`, `/kickstart/<token>`): each node its
 * own. When too many ask at once, the last are told to come back (503 with Retry-After).
 */
export function createKickstartHandler(deps: KickstartDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { request, response } = exchange;
    const target = readKickstartUrl(request.url ?? '');
    if (target === undefined) return sendText(response, 404, 'expected /kickstart/<token>');
    const decision = decide(deps, request, target);
    if (decision.kind === 'refuse') return refuse(deps, exchange, decision);
    const left = new AbortController();
    const leave = () => left.abort();
    response.once('close', leave);
    const admitted = await deps.admission.enter(left.signal);
    if (admitted === 'gone') return;
    if (admitted === 'full') return tellToComeBack(exchange);
    const over = untilOver(exchange);
    try {
      // Others get their turn: a thousand may have asked at once.
      await nextTurn();
      if (response.destroyed || request.socket.destroyed) return;
      send(deps, exchange, { target, decision });
      // A response that waits behind others of its connection is told of nothing but its own end.
      await over;
    } finally {
      admitted.leave();
    }
  };
}

function untilOver({ request: { socket }, response }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      socket.off('close', over);
      resolve();
    };
    response.once('close', over);
    socket.once('close', over);
  });
}

type Sending = {
  readonly target: KickstartTarget;
  readonly decision: Extract<KickstartDecision, { kind: 'send' }>;
};

function decide(deps: KickstartDeps, request: IncomingMessage, target: KickstartTarget) {
  const address = normalizeAddress(request.socket.remoteAddress) ?? '';
  const { node: asker, isCertain } = deps.who(address);
  return decideKickstart({
    holder: target.kind === 'token' ? deps.installs.holderOf(target.token) : undefined,
    isPart: target.kind === 'token' && target.file !== '',
    client: target.kind === 'cgi' ? target.client : undefined,
    asker,
    isCertain,
    address,
    isOperator: deps.isOperator(request),
    macs: readProvisioningMacs(request.headers),
    byName: deps.nodes.store.byName,
  });
}

function send(deps: KickstartDeps, exchange: Exchange, { target, decision }: Sending): void {
  const { request, response } = exchange;
  const { node, isView } = decision;
  const startedAtMs = performance.now();
  const file = target.kind === 'token' ? target.file : '';
  const rendered = render(deps, exchange, { target, node });
  if (rendered === undefined) return;
  const part = file === '' ? rendered : rendered.files.get(file);
  if (part === undefined) {
    const names = [...rendered.files.keys()].join(', ') || 'none';
    return sendText(response, 404, `expected one of the files of ${node.name} (${names})`);
  }
  const isInstall = !isView && request.method !== 'HEAD';
  const refusal = isInstall ? beginInstall(deps, node) : undefined;
  if (refusal !== undefined) return refuseInstall(deps, exchange, { node, ...refusal });
  const body = Buffer.from(part.text);
  const { address } = serverOf(request);
  response.once('finish', () => {
    if (!isInstall) return;
    const elapsedMs = Math.round(performance.now() - startedAtMs);
    const sent = { machine: node.name, event: 'kickstart', text: 'sent', elapsedMs };
    deps.nodes.events.record({ ...sent, path: file, sizeBytes: body.length });
  });
  response.writeHead(200, {
    'content-type': part.contentType,
    'content-length': String(body.length),
    // It holds what only this node may know.
    'cache-control': 'private, no-store',
    'x-avalanche-trackers': address,
    'x-avalanche-pkg-servers': address,
  });
  response.end(body);
}

type InstallRefusal = { readonly status: 409 | 503; readonly reason: string };

/** Written down before anything is sent. */
function beginInstall(
  { installs, log }: KickstartDeps,
  node: MachineNode,
): InstallRefusal | undefined {
  try {
    const { name, bootState } = installs.kickstartAsked(node);
    if (bootState === 'installing') return undefined;
    return { status: 409, reason: `${name} is not to be installed any more (${bootState})` };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    log.error('boot state not written', { node: node.name, reason: messageOf(error) });
    const reason = `the install of ${node.name} cannot be written down: ${messageOf(error)}`;
    return { status: 503, reason };
  }
}

function refuseInstall(
  { nodes }: KickstartDeps,
  { response }: Exchange,
  { node, status, reason }: InstallRefusal & { readonly node: MachineNode },
): void {
  nodes.events.record({ machine: node.name, event: 'kickstart', text: 'refused', reason });
  const headers = { 'retry-after': String(retryAfterSeconds) };
  sendText(response, status, reason, status === 503 ? headers : {});
}

function render(
  { render, log, nodes }: KickstartDeps,
  { request, response }: Exchange,
  { target, node }: { readonly target: KickstartTarget; readonly node: MachineNode },
): Rendered | undefined {
  const named = target.kind === 'cgi' ? target.architecture : undefined;
  const architecture = named ?? readArchitecture(request.headers);
  try {
    return render(node, { server: serverOf(request).server, architecture });
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    const reason = messageOf(error);
    log.error('no install script', { node: node.name, reason });
    nodes.events.record({ machine: node.name, event: 'kickstart', text: 'failed', reason });
    sendText(response, 500, `${reason}\n'scree profile check' tells all problems`);
    return undefined;
  }
}

function refuse(
  { nodes, who }: KickstartDeps,
  { request, response }: Exchange,
  { status, reason }: Extract<KickstartDecision, { kind: 'refuse' }>,
): void {
  const address = normalizeAddress(request.socket.remoteAddress);
  const machine = address === undefined ? undefined : who(address).machine;
  if (machine !== undefined) {
    nodes.events.record({ machine, event: 'kickstart', text: 'refused', reason });
  }
  sendText(response, status, reason);
}

function tellToComeBack({ response }: Exchange): void {
  const text = `expected fewer machines at once; come back in ${retryAfterSeconds} s`;
  sendText(response, 503, text, { 'retry-after': String(retryAfterSeconds) });
}
