import { chooseAddress } from './choose-address.ts';
import { questionFor } from './in-use.ts';
import { isLive, type Lease } from './lease.ts';
import { leaseSecondsFor } from './lease-time.ts';
import { ignore, renderAnswer } from './reply.ts';
import type { Asking, Decision } from './types.ts';

/** Firmware takes its time: iPXE asks three times before it chooses, up to 18 s after the first. */
const offerMs = 60_000;

/** RFC 2131, 4.3.1. */
export function decideDiscover(asking: Asking): Decision {
  const choice = chooseAddress(asking);
  if (choice.kind === 'none') return ignore(asking, choice);
  const offer = renderAnswer(asking, {
    event: 'offer',
    yiaddr: choice.address,
    ciaddr: '0.0.0.0',
    leaseSeconds: leaseSecondsFor(asking),
    lease: offerOf(asking, choice.address),
  });
  return { ...offer, ...questionFor(asking, choice.address) };
}

/** Undefined when the machine, by whichever interface, holds it for longer than an offer would. */
function offerOf({ leases, holder, packet, nowMs }: Asking, address: string): Lease | undefined {
  const untilMs = nowMs + offerMs;
  const current = leases.at(address);
  const isBound = isLive(current, nowMs) && current.state === 'bound';
  if (isBound && current.untilMs >= untilMs) return undefined;
  return { address, holder, mac: packet.mac, state: 'offered', untilMs };
}
