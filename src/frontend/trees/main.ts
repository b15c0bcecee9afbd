import { readOrdersOf } from '../orders/orders-of-state.ts';
import { type AddOptions, type AddReport, addTree } from './add.ts';
import { TreeError } from './errors.ts';
import type { RoleOrder } from './install-layout.ts';
import { explainNoRoom } from './no-room.ts';
import { type Notice, notifyFrontend } from './notify-frontend.ts';
import { type RemoveReport, removeTree } from './remove.ts';
import {
  type GenerationSummary,
  summarizeGenerations,
  summarizeTrees,
  type TreeSummary,
} from './stored-trees.ts';
import { type VerifyOptions, type VerifyReport, verifyTree } from './verify.ts';

/** What can be done with the trees of a state folder, whether its frontend runs or not. */
export type Trees = {
  readonly add: (options: AddWords) => Promise<AddReport & Told>;
  readonly remove: (
    options: Omit<Parameters<typeof removeTree>[0], 'state'>,
  ) => Promise<RemoveReport & Told>;
  readonly verify: (options: Omit<VerifyOptions, 'state'>) => Promise<VerifyReport>;
  readonly list: () => Promise<readonly TreeSummary[]>;
  readonly show: (tree: string) => Promise<readonly GenerationSummary[]>;
};

export type AddWords = Omit<AddOptions, 'state' | 'layout'> & {
  /** Lays the files out as machines have installed so far. Throws TreeError `no-order`. */
  readonly inInstallOrder?: boolean | undefined;
};

/** Whether a running frontend has taken the change in. */
export type Told = { readonly frontend: Notice };

export function createTrees({ state }: { readonly state: string }): Trees {
  const telling = async <Report>(report: Report): Promise<Report & Told> => ({
    ...report,
    frontend: await notifyFrontend(state),
  });
  return {
    add: async ({ inInstallOrder = false, ...options }) => {
      const layout = inInstallOrder ? layoutOf(state, options.name) : undefined;
      return telling(await inRoomOf(state, () => addTree({ ...options, state, layout })));
    },
    remove: async (options) =>
      telling(await inRoomOf(state, () => removeTree({ ...options, state }))),
    verify: (options) => verifyTree({ ...options, state }),
    list: () => summarizeTrees(state),
    show: (tree) => summarizeGenerations(state, tree),
  };
}

function layoutOf(state: string, tree: string): readonly RoleOrder[] {
  const orders = readOrdersOf(state, tree);
  if (orders.length > 0) return orders;
  const expected = `expected machines that have installed from '${tree}', none has told its order`;
  const message = `${expected}; install one of each role, and add the tree again`;
  throw new TreeError('no-order', message);
}

/** Small things are written here and there; where the disk is too full for them, that is told. */
async function inRoomOf<Report>(state: string, work: () => Promise<Report>): Promise<Report> {
  try {
    return await work();
  } catch (error) {
    throw explainNoRoom(error, { folder: state, advice: 'make room there, and try again' });
  }
}
