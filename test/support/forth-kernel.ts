const loadAddress = 0x40_0000;
const headerBytes = 52 + 32;

/**
 * A kernel in place of a real one, for Open Firmware: an ELF file for 32-bit PowerPC that has the
 * firmware interpret a line of Forth (IEEE 1275, client interface, `interpret`), and then stops.
 */
export function buildForthKernel(forth: string): Buffer {
  const code = 5 * 4;
  const cells = 5 * 4;
  const [serviceAt, forthAt] = [code + cells, code + cells + 'interpret\0'.length];
  const at = (offset: number) => loadAddress + headerBytes + offset;
  const program = Buffer.concat([
    words(
      0x3c60_0000 | (at(code) >>> 16), // lis r3, cells@h
      0x6063_0000 | (at(code) & 0xffff), // ori r3, r3, cells@l
      0x7ca9_03a6, // mtctr r5: the firmware's entry
      0x4e80_0421, // bctrl
      0x4800_0000, // b .
    ),
    // Service, how many arguments and results, and room for them.
    words(at(serviceAt), 1, 1, at(forthAt), 0),
    Buffer.from(`interpret\0${forth}\0`),
  ]);
  return Buffer.concat([elfHeader(at(0)), segmentHeader(program.length), program]);
}

function elfHeader(entry: number): Buffer {
  const [bigEndian32, executable, powerPc] = [[1, 2, 1], 2, 20];
  return Buffer.concat([
    Buffer.from([0x7f, ...Buffer.from('ELF'), ...bigEndian32, ...Buffer.alloc(9)]),
    halves(executable, powerPc),
    words(1, entry, 52, 0, 0),
    halves(52, 32, 1, 40, 0, 0),
  ]);
}

/** The whole file is one segment, where it stands in memory as in the file. */
function segmentHeader(programBytes: number): Buffer {
  const [load, all] = [1, 7];
  const size = headerBytes + programBytes;
  return words(load, 0, loadAddress, loadAddress, size, size, all, 4096);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value >>> 0, index * 4);
  });
  return bytes;
}

function halves(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
}
