import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type BootLab, openBootLab } from './boot-lab.ts';
import { type DebianMachine, makeDebianMachine } from './debian-machine.ts';
import { makeDebianMirror } from './debian-mirror.ts';

export type ProfileLabPlan = {
  /** Names of machines; the first is the node `compute-0-0`, at 10.88.0.50. */
  readonly machines: readonly string[];
  /** Of the configuration. */
  readonly boot?: Readonly<Record<string, unknown>>;
  /** Files of the operator's own profiles. */
  readonly profiles?: Readonly<Record<string, string>>;
};

/** A frontend with a mirror as its tree `debian12`, and machines whose nodes are to be installed. */
export type ProfileLab = BootLab & { readonly machines: readonly DebianMachine[] };

/** What can be installed beside a minimal system. */
const packages = ['less', 'nano', 'openssh-server', 'sudo', 'systemd-sysv'];

export async function openProfileLab(
  t: ExecutionContext,
  { machines: hosts, boot = {}, profiles = {} }: ProfileLabPlan,
): Promise<ProfileLab> {
  const { folder: tree, keyring } = await makeDebianMirror('debian-for-profile', packages);
  const lab = await openBootLab(t, { machines: hosts, settings: { boot } });
  for (const [path, text] of Object.entries(profiles)) {
    const file = join(lab.folder, 'state/profiles', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await inTurn(() => lab.control('tree', 'add', 'debian12', tree));
  const machines: DebianMachine[] = [];
  for (const [at, host] of hosts.entries()) {
    const machine = await makeDebianMachine(lab.machine(host), { folder: lab.folder, keyring });
    const address = { mac: machine.mac, ip: `10.88.0.${50 + at}` };
    await lab.addNode({ name: `compute-0-${at}`, ...address, action: 'install' });
    machines.push(machine);
  }
  t.teardown(() => (t.passed ? undefined : tellStories(t, { ...lab, machines })));
  return { ...lab, machines };
}

const turns: { last: Promise<unknown> } = { last: Promise.resolve() };

/** What is added is linked, which changes its times under others who hash it at the moment. */
function inTurn(work: () => Promise<unknown>): Promise<unknown> {
  turns.last = turns.last.catch(() => {}).then(work);
  return turns.last;
}

/** `.1`: of the agent that was started before. */
const logs = [
  'syslog',
  'debootstrap.log',
  'scree-late.log',
  'scree-agent.log',
  'scree-agent.log.1',
];

/** What helps to see why a test failed. */
async function tellStories(t: ExecutionContext, { control, machines }: ProfileLab): Promise<void> {
  for (const [at, { readFile }] of machines.entries()) {
    t.log(await control('node', 'events', `compute-0-${at}`));
    for (const name of logs) {
      const text = await readFile(`var/log/${name}`).catch(String);
      t.log(name, text.split('\n').slice(-15).join('\n'));
    }
  }
}
