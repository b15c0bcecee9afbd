import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderDnfConfig } from './dnf.ts';
import { buildStageTwo, buildUpdates, installerPath } from './stage-two.ts';

/** 50 MB in nine packages of makeRpmRepository, one of which has a script. */
const topPackage = 'stone_tools-7';
export const installedCount = 9;

/**
 * A folder as anaconda's ramdisk looks for its second stage in (`.treeinfo`, `images/`). What runs in
 * that is a script in anaconda's place: its disk, the first and the last section of the kickstart
 * that `inst.ks=` names, and between them dnf as anaconda uses it, with the repository at `url`. It
 * says on the serial line how it goes, and switches the machine off.
 */
export async function makeInstallerImages(folder: string, url: string): Promise<string> {
  const tree = join(folder, 'tree');
  await mkdir(join(tree, 'images'), { recursive: true });
  await writeFile(join(tree, '.treeinfo'), '[stage2]\nmainimage = images/install.img\n');
  await copyFile(await buildStageTwo(), join(tree, 'images/install.img'));
  const updates = await buildUpdates(folder, {
    [installerPath]: installer,
    'etc/test-dnf.conf': renderDnfConfig(url),
    'root/.rpmmacros': '%_dbpath /var/lib/rpm\n',
  });
  await copyFile(updates, join(tree, 'images/updates.img'));
  return tree;
}

const installer = `#!/bin/sh
export PATH=/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin HOME=/root

# The last section with this heading.
section() {
  awk -v head="$1" '
    index($0, head) == 1 { text = ""; inside = 1; next }
    /^%end/ { inside = 0 }
    inside { text = text $0 "\\n" }
    END { printf "%s", text }' /tmp/ks.cfg >/tmp/section
  [ -s /tmp/section ] || echo "stage2: no section $1"
  sh /tmp/section
  echo "stage2: $1 ended with $?"
}

until /run/scree/say status >/run/status; do sleep 1; done
echo "stage2: again $(cat /run/status)"
mkdir -p /mnt/sysimage && mke2fs -q -t ext4 /dev/vda && mount /dev/vda /mnt/sysimage
wget -q -O /tmp/ks.cfg "$(sed -n 's/.* inst\\.ks=\\([^ ]*\\).*/\\1/p' /proc/cmdline)"
section '%pre-install'
dnf --config=/etc/test-dnf.conf --installroot=/mnt/sysimage --releasever=1 -y install ${topPackage} \\
  >/tmp/anaconda.log 2>&1
echo "stage2: dnf ended with $?"
tail -n 5 /tmp/anaconda.log
echo "stage2: $(rpm --root /mnt/sysimage -qa | wc -l) packages"
echo "stage2: different: '$(rpm --root /mnt/sysimage -Va 2>&1)'"
echo "stage2: last $(/run/scree/say status)"
section '%post --nochroot'
echo "stage2: on the disk: $(ls -A /mnt/sysimage | tr '\\n' ' ')"
umount /mnt/sysimage && echo 'stage2: disk unmounted'
busybox poweroff -f
`;
