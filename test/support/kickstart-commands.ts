/** What RHEL 9's documents say of kickstart commands: a table to hold generated files against. */

export type KickstartCommand = {
  /** `--name` stands alone, `--name=` has a value. */
  readonly options: ReadonlySet<string>;
  /** The least and the most words that are no options. */
  readonly words: readonly [number, number];
  /** Options of which one has to be there. */
  readonly oneOf: readonly string[];
};

const table: Readonly<Record<string, readonly [string, (readonly [number, number])?, string?]>> = {
  autopart: [
    '--type= --fstype= --nohome --noboot --noswap --nolvm --encrypted --luks-version= --passphrase= ' +
      '--escrowcert= --backuppassphrase --cipher= --pbkdf= --pbkdf-memory= --pbkdf-time= --pbkdf-iterations=',
  ],
  bootloader: [
    '--append= --boot-drive= --leavebootorder --driveorder= --disabled --location= --timeout= ' +
      '--default= --iscrypted --password= --extlinux --nombr',
  ],
  cdrom: [''],
  clearpart: ['--all --drives= --list= --initlabel --disklabel= --linux --none --cdl'],
  cmdline: [''],
  eula: ['--agreed', [0, 0], '--agreed'],
  firewall: [
    '--enabled --enable --disabled --disable --remove-service= --trust= --ssh --smtp --http --ftp ' +
      '--port= --service= --use-system-defaults',
  ],
  firstboot: ['--enable --enabled --disable --disabled --reconfig'],
  graphical: ['--non-interactive'],
  group: ['--name= --gid=', [0, 0], '--name='],
  halt: [''],
  harddrive: ['--partition= --dir=', [0, 0], '--partition='],
  ignoredisk: ['--drives= --only-use=', [0, 0], '--drives= --only-use='],
  keyboard: ['--vckeymap= --xlayouts= --switch=', [0, 1]],
  lang: ['--addsupport=', [1, 1]],
  logging: ['--host= --port='],
  logvol: [
    '--noformat --useexisting --fstype= --fsoptions= --mkfsoptions= --fsprofile= --label= --grow ' +
      '--size= --maxsize= --recommended --resize --percent= --encrypted --passphrase= --thinpool ' +
      '--metadatasize= --chunksize= --thin --poolname= --name= --vgname=',
    [1, 1],
    '--name=',
  ],
  module: ['--name= --stream= --disable', [0, 0], '--name='],
  network: [
    '--activate --no-activate --bootproto= --device= --onboot= --hostname= --ip= --netmask= --gateway= ' +
      '--nameserver= --ipv6= --ipv6gateway= --mtu= --noipv4 --noipv6 --nodefroute --nodns --ethtool= ' +
      '--bondslaves= --bondopts= --bridgeslaves= --bridgeopts= --teamslaves= --teamconfig= --vlanid= ' +
      '--interfacename= --bindto= --essid= --wepkey= --wpakey= --dhcpclass=',
  ],
  nfs: ['--server= --dir= --opts=', [0, 0], '--server='],
  part: [
    '--size= --grow --maxsize= --fstype= --ondisk= --ondrive= --onpart= --usepart= --asprimary --label= ' +
      '--fsoptions= --mkfsoptions= --fsprofile= --noformat --useexisting --recommended --hibernation ' +
      '--resize --encrypted --passphrase=',
    [1, 1],
  ],
  poweroff: [''],
  raid: [
    '--level= --device= --spares= --fstype= --fsoptions= --noformat --useexisting --chunksize=',
    [2, 32],
  ],
  reboot: ['--eject --kexec'],
  repo: [
    '--name= --baseurl= --mirrorlist= --metalink= --install --cost= --includepkgs= --excludepkgs= ' +
      '--proxy= --noverifyssl --sslcacert= --sslclientcert= --sslclientkey=',
    [0, 0],
    '--baseurl= --mirrorlist= --metalink=',
  ],
  rootpw: ['--iscrypted --plaintext --lock --allow-ssh', [0, 1]],
  selinux: ['--enforcing --permissive --disabled', [0, 0], '--enforcing --permissive --disabled'],
  services: ['--enabled= --disabled='],
  shutdown: [''],
  skipx: [''],
  sshkey: ['--username=', [1, 1], '--username='],
  text: ['--non-interactive'],
  timesource: ['--ntp-server= --ntp-pool= --ntp-disable --nts'],
  timezone: ['--utc', [0, 1]],
  url: [
    '--url= --mirrorlist= --metalink= --proxy= --noverifyssl --sslcacert= --sslclientcert= --sslclientkey=',
    [0, 0],
    '--url= --mirrorlist= --metalink=',
  ],
  user: [
    '--name= --gecos= --groups= --homedir= --password= --iscrypted --plaintext --lock --shell= --uid= --gid=',
    [0, 0],
    '--name=',
  ],
  volgroup: ['--noformat --useexisting --pesize= --reserved-space= --reserved-percent=', [1, 32]],
  xconfig: ['--startxonboot'],
  zerombr: [''],
};

const none: readonly [number, number] = [0, 0];

export const kickstartCommands: ReadonlyMap<string, KickstartCommand> = new Map(
  Object.entries(table).map(
    ([name, [options, words = none, oneOf = '']]): [string, KickstartCommand] => [
      name,
      { options: wordsOf(options), words, oneOf: [...wordsOf(oneOf)] },
    ],
  ),
);

/** Sections with the options of each. */
export const kickstartSections: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    '%packages',
    wordsOf(
      '--default --excludedocs --ignoremissing --inst-langs= --multilib --nocore --exclude-weakdeps --retries= --timeout=',
    ),
  ],
  ['%pre', wordsOf('--interpreter= --erroronfail --log=')],
  ['%pre-install', wordsOf('--interpreter= --erroronfail --log=')],
  ['%post', wordsOf('--interpreter= --nochroot --erroronfail --log=')],
  ['%onerror', wordsOf('--interpreter= --erroronfail --log=')],
]);

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(' ').filter((word) => word !== ''));
}
