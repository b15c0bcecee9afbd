import * as v from 'valibot';

/** The JSON forms of a discovery: what is asked for, and what is told while it runs. */

const text = v.string();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** All that is left out is as usual; role and rack may be so only with `replace`. */
export const discoverOrderSchema = v.strictObject({
  role: v.optional(text),
  rack: v.optional(count),
  /** The first rank. */
  from: v.optional(count),
  addressFrom: v.optional(text),
  /** The name of a node. */
  replace: v.optional(text),
  /** MAC addresses, or how they begin. */
  exclude: v.optional(v.array(text)),
  classes: v.optional(v.array(text)),
  boot: v.optional(text),
  count: v.optional(count),
  /** False: machines are told apart by their MAC addresses alone. */
  uuid: v.optional(v.boolean()),
});

const machine = { name: text, mac: text };

/** One thing that happens while it runs. */
export const discoverEventSchema = v.variant('event', [
  v.object({
    event: v.literal('started'),
    role: text,
    rack: v.nullable(count),
    /** The name of the node that is replaced, else null. */
    replaces: v.nullable(text),
    action: text,
  }),
  v.object({
    event: v.literal('discovered'),
    ...machine,
    uuid: v.nullable(text),
    /** Null: it gets one of the range, or another server's. */
    address: v.nullable(text),
    isReplacement: v.boolean(),
  }),
  v.object({ event: v.literal('card'), ...machine }),
  /** It has fetched how it is to install. */
  v.object({ event: v.literal('kickstart'), name: text }),
  v.object({ event: v.literal('left-alone'), mac: text, reason: text, text }),
  /** It could not be made a node; the next time it asks, it is tried again. */
  v.object({ event: v.literal('failed'), mac: text, text }),
  v.object({ event: v.literal('ended'), reason: v.picklist(['count', 'stopping']) }),
]);

export type DiscoverOrderDocument = v.InferOutput<typeof discoverOrderSchema>;
export type DiscoverEvent = v.InferOutput<typeof discoverEventSchema>;
