import { type AddOptions, type AddReport, addTree } from './add.ts';
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
  readonly add: (options: Omit<AddOptions, 'state'>) => Promise<AddReport & Told>;
  readonly remove: (
    options: Omit<Parameters<typeof removeTree>[0], 'state'>,
  ) => Promise<RemoveReport & Told>;
  readonly verify: (options: Omit<VerifyOptions, 'state'>) => Promise<VerifyReport>;
  readonly list: () => Promise<readonly TreeSummary[]>;
  readonly show: (tree: string) => Promise<readonly GenerationSummary[]>;
};

/** Whether a running frontend has taken the change in. */
export type Told = { readonly frontend: Notice };

export function createTrees({ state }: { readonly state: string }): Trees {
  const telling = async <Report>(report: Report): Promise<Report & Told> => ({
    ...report,
    frontend: await notifyFrontend(state),
  });
  return {
    add: async (options) => telling(await addTree({ ...options, state })),
    remove: async (options) => telling(await removeTree({ ...options, state })),
    verify: (options) => verifyTree({ ...options, state }),
    list: () => summarizeTrees(state),
    show: (tree) => summarizeGenerations(state, tree),
  };
}
