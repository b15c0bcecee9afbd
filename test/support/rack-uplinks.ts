import { RackError } from './rack-error.ts';
import { renderShaping } from './rack-shaping.ts';

/** The link between a switch of its own, such as a rack's, and the one that all uplinks meet at. */
export type UplinkPlan = {
  readonly name: string;
  /** Each way. */
  readonly rateBitsPerSecond: number;
};

const core = 'bridge';

/** The device that a host's port belongs to. Throws RackError `cannot-make` for an unknown uplink. */
export function bridgeOf(uplink: string | undefined, uplinks: readonly UplinkPlan[]): string {
  if (uplink === undefined) return core;
  const index = uplinks.findIndex(({ name }) => name === uplink);
  if (index >= 0) return `${core}${index}`;
  throw new RackError('cannot-make', `expected an uplink of this rack, got '${uplink}'`);
}

/** The `ip` batch lines for all bridges, and for the wires between them. */
export function renderUplinks(uplinks: readonly UplinkPlan[]): string[] {
  const bridges = [core, ...uplinks.map((_, index) => `${core}${index}`)];
  return [
    ...bridges.flatMap((bridge) => [
      `link add ${bridge} type bridge stp_state 0 mcast_snooping 0`,
      `link set ${bridge} up`,
    ]),
    ...uplinks.flatMap((_, index) => [
      `link add ${inwardDevice(index)} type veth peer name ${outwardDevice(index)}`,
      `link set ${inwardDevice(index)} master ${core} up`,
      `link set ${outwardDevice(index)} master ${core}${index} up`,
    ]),
  ];
}

/** The `tc` batch lines of one uplink. */
export function renderUplinkShaping({ rateBitsPerSecond }: UplinkPlan, index: number): string[] {
  const devices = [inwardDevice(index), outwardDevice(index)];
  return devices.map((device) => renderShaping(device, rateBitsPerSecond));
}

/** What leaves through it goes to the hosts behind the uplink. */
export function inwardDevice(index: number): string {
  return `down${index}`;
}

function outwardDevice(index: number): string {
  return `up${index}`;
}
