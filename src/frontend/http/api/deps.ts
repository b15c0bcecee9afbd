import type { Log } from '../../../runtime/log.ts';
import type { BootActions } from '../../boot/plan-boot.ts';
import type { Discovery } from '../../discover/discovery.ts';
import type { InstallsProgress } from '../../installs/progress.ts';
import type { NodeRecords } from '../../nodes/records.ts';
import type { Profiles } from '../../profiles/types.ts';
import type { ReloadReport } from '../../reload.ts';
import type { TreeCatalog } from '../../trees/types.ts';

/** What the API works on. */
export type ApiDeps = {
  readonly log: Log;
  readonly nodes: Omit<NodeRecords, 'close'>;
  readonly progress: Pick<InstallsProgress, 'of' | 'follow'>;
  readonly trees: Pick<TreeCatalog, 'all' | 'broken'>;
  readonly reload: () => Promise<ReloadReport>;
  readonly bootActions: BootActions;
  /** Those of them that install; `install` and `debut` unless given. */
  readonly installActions?: ReadonlySet<string>;
  readonly profiles: Pick<Profiles, 'list' | 'declared'>;
  /** Undefined where no machine is heard. */
  readonly discovery?: Discovery | undefined;
};
