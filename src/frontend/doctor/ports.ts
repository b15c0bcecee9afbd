import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { openInterfaceSocket } from '../../runtime/interface-socket.ts';
import { LibcError } from '../../runtime/libc.ts';
import { findPortOwners, type PortOwner } from '../../runtime/port-owner.ts';
import { formatEndpoint } from '../../tracker/address.ts';
import type { Config } from '../config.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Running } from './running.ts';

/** A port that the frontend needs. */
export type WantedPort = {
  /** The configuration's key. */
  readonly key: string;
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
  /** On this interface only. */
  readonly interfaceName?: string;
};

export type PortFacts = WantedPort & {
  readonly state:
    | { readonly kind: 'free' | 'taken' | 'no-such-address' | 'not-allowed' }
    | { readonly kind: 'failed'; readonly reason: string };
  /** Who has it, as far as that can be seen. */
  readonly owners: readonly PortOwner[];
};

/** All ports of a configuration; one that may be any is not among them. */
export function portsOf({ http, tracker, seed, tftp, dhcp }: Config): readonly WantedPort[] {
  const { interface: interfaceName } = dhcp;
  const dhcpPorts = { off: [], server: [67], proxy: [67, 4011] }[dhcp.mode];
  const all: readonly WantedPort[] = [
    { key: 'http.listen', protocol: 'tcp', ...http.listen },
    { key: 'tracker.listen', protocol: 'tcp', ...tracker.listen },
    { key: 'tracker.listen', protocol: 'udp', ...tracker.listen },
    { key: 'seed.listen', protocol: 'tcp', ...seed.listen },
    ...(tftp.listen === 'off'
      ? []
      : [{ key: 'tftp.listen', protocol: 'udp', ...tftp.listen } as const]),
    ...dhcpPorts.map(
      (port) => ({ key: 'dhcp', protocol: 'udp', host: '0.0.0.0', port, interfaceName }) as const,
    ),
  ];
  return all.filter(({ port }) => port !== 0);
}

/** Takes the port for a moment. */
export async function lookAtPort(wanted: WantedPort): Promise<PortFacts> {
  const state = await stateOf(wanted);
  const owners = state.kind === 'taken' ? await findPortOwners(wanted) : [];
  return { ...wanted, state, owners };
}

/** Free, or the frontend's own. */
export function checkPort(facts: PortFacts, running: Running): Finding {
  const { key, protocol, interfaceName } = facts;
  const where = interfaceName ?? formatEndpoint(facts.host, facts.port);
  const port = `${protocol.toUpperCase()} ${interfaceName === undefined ? where : `${facts.port} on ${where}`}`;
  switch (facts.state.kind) {
    case 'free':
      return checkFreePort(key, port, running);
    case 'taken':
      return checkTakenPort(facts, port, running);
    case 'no-such-address': {
      const there = interfaceName === undefined ? 'an address' : 'an interface';
      const advice = `'ip address' lists what there is; correct '${key}', or add the address`;
      return problem(key, `${where} is not ${there} of this machine`, advice);
    }
    case 'not-allowed':
      return warning(key, `${port} was not looked at: this user may not use it`, asRoot);
    case 'failed': {
      const { reason } = facts.state;
      return problem(key, `${port} cannot be used: ${reason}`, `choose another for '${key}'`);
    }
  }
}

const asRoot = 'run doctor as root, as which the frontend has to be started, too';

function checkFreePort(key: string, port: string, running: Running): Finding {
  if (running.kind !== 'running') return ok(key, `${port} is free`);
  const text = `${port} is free, though a frontend runs: it began with another configuration`;
  return warning(key, text, 'restart the frontend');
}

function checkTakenPort({ key, owners }: PortFacts, port: string, running: Running): Finding {
  const isOurs = running.kind === 'running' && owners.some(({ pid }) => pid === running.pid);
  if (isOurs) return ok(key, `${port} is used by the frontend that runs`);
  const [owner] = owners;
  if (running.kind === 'running' && (owner === undefined || running.pid === undefined)) {
    return ok(key, `${port} is used, most likely by the frontend that runs`);
  }
  const who = owner === undefined ? 'another program' : `${owner.name} (process ${owner.pid})`;
  const which = owner === undefined ? `; as root, doctor tells which it is` : '';
  return problem(key, `${port} is taken by ${who}`, `stop it, or change '${key}'${which}`);
}

async function stateOf(wanted: WantedPort): Promise<PortFacts['state']> {
  try {
    await take(wanted);
    return { kind: 'free' };
  } catch (error) {
    const code = error instanceof LibcError ? error.code : '';
    if (code === 'in-use' || hasErrorCode(error, 'EADDRINUSE')) return { kind: 'taken' };
    if (code === 'no-interface' || hasErrorCode(error, 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN')) {
      return { kind: 'no-such-address' };
    }
    if (code === 'not-permitted' || hasErrorCode(error, 'EACCES', 'EPERM')) {
      return { kind: 'not-allowed' };
    }
    return { kind: 'failed', reason: messageOf(error) };
  }
}

async function take({ protocol, host, port, interfaceName }: WantedPort): Promise<void> {
  if (interfaceName !== undefined) {
    const { close } = await openInterfaceSocket({ interfaceName, port });
    return close();
  }
  if (protocol === 'tcp') {
    const server = createServer().listen({ host, port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return;
  }
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address: host, port, exclusive: true });
  await once(socket, 'listening');
  socket.close();
  await once(socket, 'close');
}
