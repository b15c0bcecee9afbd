/** Whose MAC address answers for an IPv4 address; undefined: that is not known. */
export type MacOnWire = (address: string) => string | undefined;

/** How long what the wire says is taken for unchanged. */
export const wireFreshMs = 50;

/** `readWire` gives the MAC by address, as `readOwnWire`; it is asked once for many questions. */
export function createMacOnWire(deps: {
  readonly nowMs: () => number;
  readonly readWire: () => ReadonlyMap<string, string>;
}): MacOnWire {
  const { nowMs, readWire } = deps;
  let wire: { readonly macs: ReadonlyMap<string, string>; readonly untilMs: number } | undefined;
  return (address) => {
    if (wire === undefined || wire.untilMs <= nowMs()) {
      wire = { macs: readWire(), untilMs: nowMs() + wireFreshMs };
    }
    return wire.macs.get(address);
  };
}
