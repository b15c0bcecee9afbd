import * as v from 'valibot';

/** What a machine goes through on its way to a new system, in this order. */
export const installPhases = [
  'booted',
  'agent',
  'kickstart',
  'partitioned',
  'packages',
  'post',
  'done',
] as const;

export type InstallPhase = (typeof installPhases)[number];

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Milliseconds of the agent's own clock, which may stand at 1970: only differences count. */
const atMs = v.pipe(v.number(), v.finite(), v.minValue(0));
const shortText = v.pipe(v.string(), v.maxLength(200));

/**
 * How far an install is, as its agent tells the frontend. It is cumulative: a later report of the
 * same run takes the place of all before it.
 */
export const progressReportSchema = v.object({
  /** Which process tells it: an agent that was started anew counts from zero again. */
  run: v.optional(shortText, ''),
  /** Of this run; a lower one than the last is late news. */
  sequence: count,
  atMs,
  phases: v.pipe(
    v.array(
      v.object({ name: v.picklist(installPhases), atMs, detail: v.exactOptional(shortText) }),
    ),
    v.maxLength(32),
  ),
  /** Without a total they are those that the agent has seen go by. */
  packages: v.exactOptional(v.object({ done: count, total: v.exactOptional(count) })),
  /**
   * Received, by source: pieces from the frontend's seed, from peers of other racks, from peers of
   * the own rack; and all else that came from the frontend by HTTP.
   */
  bytes: v.object({ frontend: count, peers: count, rack: count, fallback: count }),
  agentVersion: v.optional(shortText, ''),
  /** `name@generation` of those that the installer reads. */
  trees: v.optional(v.pipe(v.array(shortText), v.maxLength(16)), []),
  /** Of the addresses of its rack that it was told last. */
  rackVersion: v.exactOptional(shortText),
});

export type ProgressReport = v.InferOutput<typeof progressReportSchema>;
export type ProgressBytes = ProgressReport['bytes'];

export const progressAnswerSchema = v.object({
  /** How long the machine is to go on seeding, as far as is known now; 0: it need not. */
  lingerSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(3_600))),
  /** The addresses of the machines of its rack, when they are others than it knows. */
  rack: v.optional(
    v.object({
      version: shortText,
      addresses: v.pipe(v.array(shortText), v.maxLength(4_096)),
    }),
  ),
});

export type ProgressAnswer = v.InferOutput<typeof progressAnswerSchema>;
