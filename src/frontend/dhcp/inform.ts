import { isInNetwork } from './network.ts';
import { ignore, renderAnswer } from './reply.ts';
import type { Asking, Decision } from './types.ts';

const none = '0.0.0.0';

/** Options for a client that has its address from somewhere else (RFC 2131, 4.3.5). */
export function decideInform(asking: Asking): Decision {
  const { ciaddr } = asking.packet;
  if (ciaddr === none) {
    return ignore(asking, { reason: 'incomplete', text: 'an INFORM that names no address' });
  }
  if (!isInNetwork(asking.network, ciaddr)) {
    const text = `an INFORM from ${ciaddr}, which is no address of ${asking.network.prefix}`;
    return ignore(asking, { reason: 'no-network', text });
  }
  const answer = { yiaddr: none, ciaddr, leaseSeconds: undefined, lease: undefined };
  return renderAnswer(asking, { event: 'inform', ...answer });
}
