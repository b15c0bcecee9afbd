import { choosePieceLengthBytes } from '../../protocol/metainfo.ts';
import { SimulateError } from './errors.ts';
import { defaultOptions, type SimulateOptions } from './options.ts';

/** With the defaults for what is not said. Throws SimulateError `bad-options` for what does not fit. */
export function planSimulation(wanted: Partial<SimulateOptions>): SimulateOptions {
  const options = { ...defaultOptions, ...wanted };
  const problem = problemOf(options);
  if (problem !== undefined) throw new SimulateError('bad-options', problem);
  return options;
}

function problemOf(options: SimulateOptions): string | undefined {
  const { treeBytes, pieces, nodes, silent, liars, slow } = options;
  if (treeBytes < choosePieceLengthBytes(treeBytes)) {
    return `expected a --tree of 64K or more, got ${treeBytes} bytes`;
  }
  const most = Math.ceil(treeBytes / choosePieceLengthBytes(treeBytes));
  if (pieces !== undefined && pieces > most) {
    return `expected at most the ${most} --pieces that this tree has, got ${pieces}`;
  }
  if (silent + liars + slow > nodes) {
    return `expected no more bad peers than nodes, got ${silent + liars + slow} for ${nodes}`;
  }
  return undefined;
}
