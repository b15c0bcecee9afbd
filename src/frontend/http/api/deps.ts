import type { Log } from '../../../runtime/log.ts';
import type { HideSecrets } from '../../attributes/hide-secrets.ts';
import type { InspectBoot } from '../../boot/inspect-boot.ts';
import type { BootActions } from '../../boot/plan-boot.ts';
import type { Discovery } from '../../discover/discovery.ts';
import type { StoredImage } from '../../images/image-store.ts';
import type { InstallsProgress } from '../../installs/progress.ts';
import type { RenderScript } from '../../kickstart/scripts.ts';
import type { NodeRecords } from '../../nodes/records.ts';
import type { Profiles } from '../../profiles/types.ts';
import type { ReloadReport } from '../../reload.ts';
import type { Runs } from '../../runs/runs.ts';
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
  /** See RenderScript. */
  readonly renderScript: RenderScript;
  readonly hideSecrets: HideSecrets;
  readonly inspectBoot: InspectBoot;
  readonly runs: Pick<Runs, 'list' | 'read'>;
  /** The ramdisk images of the state folder. */
  readonly images: () => Promise<readonly StoredImage[]>;
  /** Undefined where no machine is heard. */
  readonly discovery?: Discovery | undefined;
};
