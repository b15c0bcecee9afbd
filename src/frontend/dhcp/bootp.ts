import { isAvailable, reservationOf } from './choose-address.ts';
import { questionFor } from './in-use.ts';
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
  const isThere = asking.packet.ciaddr === reservation;
  const answer = renderAnswer(asking, {
    event: 'bootp',
    yiaddr: reservation,
    ciaddr: isThere ? reservation : '0.0.0.0',
    leaseSeconds: undefined,
    lease: undefined,
  });
  return isThere ? answer : { ...answer, ...questionFor(asking, reservation) };
}
