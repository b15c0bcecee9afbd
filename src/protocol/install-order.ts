import * as v from 'valibot';
import { isRole, longestRole } from './role.ts';

/**
 * What agents and their frontend say of the order in which machines of a role read the files of a
 * tree's generation: `POST /install/<tree>@<generation>.order`. Files are told by their places in
 * the manifest.
 */
export function installOrderPath(tree: string, generation: number): string {
  return `/install/${tree}@${generation}.order`;
}

/** No list is longer. */
export const longestOrder = 20_000;
export const longestOrderBytes = 512 * 1024;

const place = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const places = v.pipe(v.array(place), v.maxLength(longestOrder));
const version = v.pipe(v.string(), v.maxLength(64));

export const orderReportSchema = v.object({
  role: v.pipe(v.string(), v.maxLength(longestRole), v.check(isRole, 'a role')),
  /** Of the order that the agent knows, and how much of it; empty and 0: none. */
  version,
  knownCount: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** What its installer has asked for since it last said so and the order it knows does not have. */
  asked: places,
  /** All that its installer has asked for, in order, once it has asked for nothing new in a while. */
  settled: v.exactOptional(places),
});
export type OrderReport = v.InferOutput<typeof orderReportSchema>;

export const orderAnswerSchema = v.object({
  version,
  /** Where `places` begins in the order: what is before is as it was told. */
  from: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  places,
  /** It is of machines that had all they needed: nothing is read behind its end. */
  isWhole: v.boolean(),
  /** Of all trees this one is what machines of the role have read last. */
  isLatest: v.boolean(),
  /** After how long it may be asked again. */
  againSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(3600)),
});
export type OrderAnswer = v.InferOutput<typeof orderAnswerSchema>;
