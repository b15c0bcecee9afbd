import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `scree node add` and `set` say about a machine. */
export type SettingFlags = {
  readonly mac?: string[];
  readonly ip?: string;
  readonly uuid?: string;
  readonly role?: string;
  readonly rack?: number;
  readonly rank?: number;
  readonly class?: string[];
  readonly option?: Readonly<Record<string, string | null>>;
  readonly unset?: readonly Unsettable[];
};

const fields = {
  uuid: 'uuid',
  ip: 'address',
  rack: 'rack',
  rank: 'rank',
  class: 'clientClasses',
  option: 'dhcpOptions',
} as const;
type Unsettable = keyof typeof fields;

export function addSettings(command: Command, { isNew }: { readonly isNew: boolean }): Command {
  const mac = new Option('--mac <address...>', 'the MAC address of each network card');
  command
    .addOption(mac.makeOptionMandatory(isNew))
    .option('--ip <address>', 'its IPv4 address')
    .option('--uuid <uuid>', "its firmware's UUID")
    .option('--role <role>', 'what it becomes')
    .option('--rack <number>', 'which rack it stands in', parsePlace)
    .option('--rank <number>', 'which place it has there', parsePlace)
    .option('--class <class...>', 'the client classes (DHCP option 60) that are answered')
    .option(
      '--option <name=value>',
      `a DHCP option of its own, such as mtu=9000 or 43=0x0104; more than once for several${
        isNew ? '' : '; name= takes it away'
      }`,
      collectOption,
    );
  if (isNew) return command;
  const unset = new Option('--unset <what...>', 'what it is not to have any more');
  return command.addOption(unset.choices(Object.keys(fields)));
}

/** The number of a rack, or of a place in it. */
function parsePlace(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 0 to 99999.');
}

export function settingsOf(flags: SettingFlags) {
  const { mac: macs, ip: address, uuid, role, rack, rank, class: clientClasses } = flags;
  return { macs, address, uuid, role, rack, rank, clientClasses, dhcpOptions: flags.option };
}

/** The same with null for what is unset; `refuse` hears of what is both set and unset. */
export function changesOf(flags: SettingFlags, refuse: (message: string) => never) {
  const { unset = [] } = flags;
  const both = unset.find((name) => flags[name] !== undefined);
  if (both !== undefined) refuse(`expected to set ${both} or to unset it, got both`);
  return { ...settingsOf(flags), ...Object.fromEntries(unset.map((name) => [fields[name], null])) };
}

function collectOption(
  text: string,
  collected: Readonly<Record<string, string | null>> = {},
): Readonly<Record<string, string | null>> {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('Expected NAME=VALUE, such as mtu=9000.');
  if (Object.hasOwn(collected, name)) throw new InvalidArgumentError(`Got '${name}' twice.`);
  return { ...collected, [name]: value === '' ? null : value };
}
