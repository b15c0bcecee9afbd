import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A disk whose boot sector writes a line to the serial port of a PC, and stops there. */
export async function makeBiosDisk(folder: string, text: string): Promise<readonly string[]> {
  const disk = Buffer.alloc(2 ** 20);
  const textAt = 0x7c00 + biosCode.length;
  Buffer.from(biosCode).copy(disk);
  disk.writeUInt16LE(textAt, 5);
  disk.write(lineOf(text), biosCode.length, 'latin1');
  disk.writeUInt16LE(0xaa55, 510);
  const path = join(folder, 'disk.img');
  await writeFile(path, disk);
  return drive(path);
}

/** A disk whose `EFI/BOOT/BOOTX64.EFI` does the same. */
export async function makeUefiDisk(folder: string, text: string): Promise<readonly string[]> {
  const root = join(folder, 'disk');
  await mkdir(join(root, 'EFI/BOOT'), { recursive: true });
  await writeFile(join(root, 'EFI/BOOT/BOOTX64.EFI'), buildUefiProgram(text));
  // QEMU shows a folder as a disk with a FAT file system.
  return drive(`fat:rw:${root}`);
}

function drive(file: string): readonly string[] {
  const device = 'virtio-blk-pci,drive=disk,bootindex=2';
  return ['-drive', `if=none,id=disk,format=raw,file=${file}`, '-device', device];
}

function lineOf(text: string): string {
  return `\r\n${text}\r\n\0`;
}

const biosCode = [
  ...[0x31, 0xc0, 0x8e, 0xd8], // xor ax, ax; mov ds, ax
  ...[0xbe, 0x00, 0x00], // mov si, text
  ...[0xac, 0x84, 0xc0, 0x74, 0x06], // next: lodsb; test al, al; jz end
  ...[0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5], // mov dx, 0x3f8; out dx, al; jmp next
  ...[0xf4, 0xeb, 0xfd], // end: hlt; jmp end
];

const uefiCode = [
  ...[0x48, 0x8d, 0x35, 0x0f, 0x00, 0x00, 0x00], // lea rsi, [text]
  ...[0xac, 0x84, 0xc0, 0x74, 0x07], // next: lodsb; test al, al; jz end
  ...[0x66, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf4], // mov dx, 0x3f8; out dx, al; jmp next
  ...[0xf4, 0xeb, 0xfd], // end: hlt; jmp end
];

const pageBytes = 0x1000;
const sectorBytes = 0x200;

/** The smallest PE32+ image that firmware starts: one section, no relocations. */
function buildUefiProgram(text: string): Buffer {
  const image = Buffer.alloc(2 * sectorBytes);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(0x40, 0x3c);
  image.write('PE\0\0', 0x40, 'latin1');
  const header = image.subarray(0x44);
  header.writeUInt16LE(0x8664, 0); // x64
  header.writeUInt16LE(1, 2); // sections
  header.writeUInt16LE(0xf0, 16); // bytes of the optional header
  header.writeUInt16LE(0x22, 18); // executable, large addresses
  const optional = header.subarray(20);
  optional.writeUInt16LE(0x20b, 0); // PE32+
  optional.writeUInt32LE(sectorBytes, 4); // bytes of code
  optional.writeUInt32LE(pageBytes, 16); // entry
  optional.writeUInt32LE(pageBytes, 20); // where the code begins
  optional.writeUInt32LE(pageBytes, 32); // alignment in memory
  optional.writeUInt32LE(sectorBytes, 36); // alignment in the file
  optional.writeUInt32LE(2 * pageBytes, 56); // bytes in memory
  optional.writeUInt32LE(sectorBytes, 60); // bytes of all headers
  optional.writeUInt16LE(10, 68); // an EFI application
  optional.writeUInt32LE(16, 108); // data directories, all empty
  const section = optional.subarray(0xf0);
  section.write('.text', 0, 'latin1');
  section.writeUInt32LE(sectorBytes, 8);
  section.writeUInt32LE(pageBytes, 12);
  section.writeUInt32LE(sectorBytes, 16);
  section.writeUInt32LE(sectorBytes, 20);
  section.writeUInt32LE(0x60000020, 36); // code, to be run and read
  Buffer.from(uefiCode).copy(image, sectorBytes);
  image.write(lineOf(text), sectorBytes + uefiCode.length, 'latin1');
  return image;
}
