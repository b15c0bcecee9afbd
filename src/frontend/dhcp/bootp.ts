import { isAvailable, reservationOf } from './choose-address.ts';
import { ignore, renderAnswer } from './reply.ts';
import type { Asking, Decision } from './types.ts';

/** A client of RFC 951 keeps its address for ever: it gets its own, or none. */
export function decideBootp(asking: Asking): Decision {
  const reservation = reservationOf(asking);
  if (reservation === undefined) {
    const text = `BOOTP, and no address in ${asking.network.prefix} is reserved for it`;
    return ignore(asking, { reason: 'needs-reservation', text });
  }
  if (!isAvailable(asking, reservation)) {
    const text = `BOOTP, and another machine uses ${reservation}`;
    return ignore(asking, { reason: 'reservation-held', text });
  }
  return renderAnswer(asking, {
    event: 'bootp',
    yiaddr: reservation,
    ciaddr: asking.packet.ciaddr === reservation ? reservation : '0.0.0.0',
    leaseSeconds: undefined,
    lease: undefined,
  });
}
