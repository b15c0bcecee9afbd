import type { DhcpClient } from '../../../src/protocol/dhcp/client.ts';

/** A packet byte by byte, put together without the codec under test. */
export type RawPacket = {
  readonly op?: number;
  readonly hardwareLength?: number;
  readonly xid?: number;
  readonly secs?: number;
  readonly flags?: number;
  readonly ciaddr?: readonly number[];
  readonly mac?: string;
  readonly sname?: Buffer;
  readonly file?: Buffer;
  /** All behind the cookie; undefined: no cookie either. */
  readonly options?: Buffer | undefined;
  /** Zeros at the end up to this length. */
  readonly paddedBytes?: number;
};

export function rawPacket(packet: RawPacket): Buffer {
  const fields = Buffer.alloc(236);
  fields.set([packet.op ?? 1, 1, packet.hardwareLength ?? 6, 0]);
  fields.writeUInt32BE(packet.xid ?? 0x1a2b_3c4d, 4);
  fields.writeUInt16BE(packet.secs ?? 0, 8);
  fields.writeUInt16BE(packet.flags ?? 0, 10);
  fields.set(packet.ciaddr ?? [0, 0, 0, 0], 12);
  fields.set(Buffer.from((packet.mac ?? machine.mac).replaceAll(':', ''), 'hex'), 28);
  if (packet.sname) fields.set(packet.sname, 44);
  if (packet.file) fields.set(packet.file, 108);
  const behind =
    packet.options === undefined ? [] : [Buffer.from('63825363', 'hex'), packet.options];
  const bytes = Buffer.concat([fields, ...behind]);
  return Buffer.concat([
    bytes,
    Buffer.alloc(Math.max(0, (packet.paddedBytes ?? 0) - bytes.length)),
  ]);
}

export function rawOption(code: number, value: string | readonly number[] | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from([...value]);
  return Buffer.concat([Buffer.from([code, bytes.length]), bytes]);
}

export const end = Buffer.from([255]);

const machine = {
  mac: '52:54:00:12:34:56',
  uuid: '8c4f1b2a-3d5e-4f60-9a7b-1c2d3e4f5a6b',
};
const clientId = rawOption(61, [1, 0x52, 0x54, 0, 0x12, 0x34, 0x56]);
/** The first three fields are turned round on the wire. */
const uuid = rawOption(97, Buffer.from('002a1b4f8c5e3d604f9a7b1c2d3e4f5a6b', 'hex'));
const discover = rawOption(53, [1]);
const request = rawOption(53, [3]);

const ipxeList = [1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119].concat([
  128, 129, 130, 131, 132, 133, 134, 135, 175, 203,
]);
const edk2List = [
  1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54,
].concat([58, 59, 60, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135]);

function ipxe(options: { readonly architecture: number; readonly vendorClass: string }): Buffer {
  return rawPacket({
    secs: 4,
    options: Buffer.concat([
      discover,
      rawOption(57, [0x05, 0xc0]),
      rawOption(93, [0, options.architecture]),
      rawOption(94, [1, 2, 1]),
      rawOption(60, options.vendorClass),
      rawOption(77, 'iPXE'),
      rawOption(55, ipxeList),
      rawOption(175, Buffer.from('b105011af41000eb03010000170101220101130101', 'hex')),
      clientId,
      uuid,
      end,
    ]),
  });
}

function firmware(options: { readonly architecture: number; readonly vendorClass: string }) {
  return rawPacket({
    flags: 0x8000,
    options: Buffer.concat([
      discover,
      rawOption(57, [0x05, 0xc0]),
      rawOption(55, edk2List),
      uuid,
      rawOption(94, [1, 3, 0]),
      rawOption(93, [0, options.architecture]),
      rawOption(60, options.vendorClass),
      end,
    ]),
  });
}

export type ClientPacket = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly client: DhcpClient;
};

const { mac } = machine;
const unknown = {
  uuid: undefined,
  vendorClass: undefined,
  userClass: undefined,
  architecture: undefined,
};

/** First packets of real clients, and what each of them is. */
export const clientPackets: readonly ClientPacket[] = [
  {
    name: 'iPXE in the ROM of a BIOS',
    bytes: ipxe({ architecture: 0, vendorClass: 'PXEClient:Arch:00000:UNDI:002001' }),
    client: {
      ...machine,
      vendorClass: 'PXEClient:Arch:00000:UNDI:002001',
      userClass: 'iPXE',
      architecture: 0,
      kind: 'ipxe',
    },
  },
  {
    name: 'iPXE in an EFI ROM',
    bytes: ipxe({ architecture: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003010' }),
    client: {
      ...machine,
      vendorClass: 'PXEClient:Arch:00007:UNDI:003010',
      userClass: 'iPXE',
      architecture: 7,
      kind: 'ipxe',
    },
  },
  {
    name: 'PXE of OVMF',
    bytes: firmware({ architecture: 7, vendorClass: 'PXEClient:Arch:00007:UNDI:003000' }),
    client: {
      ...machine,
      vendorClass: 'PXEClient:Arch:00007:UNDI:003000',
      userClass: undefined,
      architecture: 7,
      kind: 'pxe',
    },
  },
  {
    name: 'HTTP boot of OVMF',
    bytes: firmware({ architecture: 16, vendorClass: 'HTTPClient:Arch:00016:UNDI:003000' }),
    client: {
      ...machine,
      vendorClass: 'HTTPClient:Arch:00016:UNDI:003000',
      userClass: undefined,
      architecture: 16,
      kind: 'http-boot',
    },
  },
  {
    name: 'syslinux.efi',
    bytes: rawPacket({
      flags: 0x8000,
      options: Buffer.concat([discover, rawOption(55, [1, 3, 6]), end]),
    }),
    client: { ...unknown, mac, kind: 'other' },
  },
  {
    name: 'the DISCOVER of SLOF',
    bytes: rawPacket({
      options: Buffer.concat([discover, rawOption(55, [1, 3, 6, 66, 67, 93]), end]),
      paddedBytes: 548,
    }),
    client: { ...unknown, mac, kind: 'open-firmware' },
  },
  {
    name: 'the REQUEST of SLOF',
    bytes: rawPacket({
      options: Buffer.concat([
        request,
        rawOption(50, [10, 1, 255, 254]),
        rawOption(54, [10, 1, 1, 1]),
        rawOption(55, [1, 3, 6, 66, 67, 93, 209, 210]),
        rawOption(93, [0, 12]),
        end,
      ]),
      paddedBytes: 548,
    }),
    client: { ...unknown, mac, architecture: 12, kind: 'open-firmware' },
  },
  {
    name: "the Debian installer's udhcpc",
    bytes: rawPacket({
      options: Buffer.concat([
        discover,
        clientId,
        rawOption(57, [0x02, 0x40]),
        rawOption(55, [1, 3, 6, 12, 15, 28, 42]),
        rawOption(60, 'd-i'),
        end,
      ]),
      paddedBytes: 300,
    }),
    client: { ...unknown, mac, vendorClass: 'd-i', kind: 'installer' },
  },
  {
    name: 'anaconda',
    bytes: rawPacket({
      options: Buffer.concat([
        discover,
        rawOption(60, 'anaconda-Linux 4.18.0 x86_64'),
        rawOption(55, [1, 28, 3, 15, 6, 12, 26]),
        end,
      ]),
      paddedBytes: 300,
    }),
    client: {
      ...unknown,
      mac,
      vendorClass: 'anaconda-Linux 4.18.0 x86_64',
      kind: 'installer',
    },
  },
  {
    name: "Apple's Open Firmware",
    bytes: rawPacket({
      options: Buffer.concat([
        discover,
        rawOption(55, [1, 3, 17, 43, 60]),
        rawOption(57, [0x05, 0xdc]),
        rawOption(60, 'AAPLBSDPC/ppc/PowerMac6,1'),
        end,
      ]),
      paddedBytes: 303,
    }),
    client: {
      ...unknown,
      mac,
      vendorClass: 'AAPLBSDPC/ppc/PowerMac6,1',
      kind: 'open-firmware',
    },
  },
  {
    name: "the BSDP list of Apple's Open Firmware",
    bytes: rawPacket({
      ciaddr: [10, 1, 255, 254],
      options: Buffer.concat([
        rawOption(53, [8]),
        rawOption(43, [1, 1, 1, 2, 2, 1, 1]),
        rawOption(55, [43, 60]),
        rawOption(60, 'AAPLBSDPC/ppc/PowerMac6,1'),
        end,
      ]),
      paddedBytes: 300,
    }),
    client: {
      ...unknown,
      mac,
      vendorClass: 'AAPLBSDPC/ppc/PowerMac6,1',
      kind: 'open-firmware',
    },
  },
  {
    name: "the BOOTP of Apple's older firmware",
    bytes: rawPacket({
      options: Buffer.concat([rawOption(220, [0, 0, 0, 0]), rawOption(221, 'Apple MacNC'), end]),
      paddedBytes: 300,
    }),
    client: { ...unknown, mac, kind: 'open-firmware' },
  },
  {
    name: 'an Intel Mac',
    bytes: rawPacket({
      options: Buffer.concat([discover, rawOption(60, 'AAPLBSDPC/i386/Macmini3,1'), end]),
      paddedBytes: 300,
    }),
    client: { ...unknown, mac, vendorClass: 'AAPLBSDPC/i386/Macmini3,1', kind: 'other' },
  },
  {
    name: 'BOOTP without options',
    bytes: rawPacket({ paddedBytes: 300 }),
    client: { ...unknown, mac, kind: 'bootp' },
  },
  {
    name: "an installed system's dhclient",
    bytes: rawPacket({
      options: Buffer.concat([
        discover,
        rawOption(12, 'compute-0-0'),
        rawOption(55, [1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42]),
        end,
      ]),
      paddedBytes: 300,
    }),
    client: { ...unknown, mac, kind: 'other' },
  },
];
