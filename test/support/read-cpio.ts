import assert from 'node:assert/strict';

export type CpioRecord = {
  readonly path: string;
  /** With the bits of the kind. */
  readonly mode: number;
  readonly inode: number;
  readonly links: number;
  /** Owner, group, time and devices, which are all 0 where nothing varies. */
  readonly rest: readonly number[];
  readonly body: Buffer;
};

/** Reads an archive of the kind "newc" as cpio(5) says, and nothing looser than that. */
export function readCpio(archive: Buffer): readonly CpioRecord[] {
  const records: CpioRecord[] = [];
  let at = 0;
  const take = (sizeBytes: number) => {
    const bytes = archive.subarray(at, at + sizeBytes);
    assert.equal(bytes.length, sizeBytes);
    at += sizeBytes;
    return bytes;
  };
  const align = () => assert.ok(take((4 - (at % 4)) % 4).every((byte) => byte === 0));
  for (;;) {
    assert.equal(take(6).toString('latin1'), '070701');
    const fields = Array.from({ length: 13 }, () => Number(`0x${take(8).toString('latin1')}`));
    const [inode = 0, mode = 0, owner = 0, group = 0, links = 0, time = 0, sizeBytes = 0] = fields;
    const name = take(fields[11] ?? 0).toString('utf8');
    assert.ok(name.endsWith('\0'));
    align();
    const body = Buffer.from(take(sizeBytes));
    align();
    const path = name.slice(0, -1);
    if (path === 'TRAILER!!!') break;
    records.push({
      path,
      mode,
      inode,
      links,
      rest: [owner, group, time, ...fields.slice(7, 11)],
      body,
    });
  }
  assert.equal(at, archive.length);
  return records;
}
