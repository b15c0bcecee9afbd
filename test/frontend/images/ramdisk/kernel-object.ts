/** The least ELF object for 64 bits that says something in `.modinfo`. */
export function buildKernelObject(pairs: readonly string[]): Buffer {
  const info = Buffer.from(pairs.map((pair) => `${pair}\0`).join(''));
  const names = Buffer.from('\0.modinfo\0.shstrtab\0');
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46, 0);
  header[4] = 2; // 64 bits
  header[5] = 1; // the low byte first
  header.writeBigUInt64LE(BigInt(64 + info.length + names.length), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(3, 0x3c);
  header.writeUInt16LE(2, 0x3e);
  const section = (nameAt: number, start: number, size: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(nameAt, 0);
    bytes.writeBigUInt64LE(BigInt(start), 0x18);
    bytes.writeBigUInt64LE(BigInt(size), 0x20);
    return bytes;
  };
  return Buffer.concat([
    ...[header, info, names, Buffer.alloc(64)],
    section(1, 64, info.length),
    section(10, 64 + info.length, names.length),
  ]);
}
