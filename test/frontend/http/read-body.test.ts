import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { readBodyEnds } from '../../../src/frontend/http/read-body.ts';

test('of any body the first bytes and the last whole lines are read, however it comes', async (t) => {
  const chunk = fc.stringMatching(/^[ab\n]{1,40}$/).map((text) => Buffer.from(text));
  const property = fc.asyncProperty(
    fc.array(chunk, { maxLength: 30, size: 'max' }),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 30 }),
    async (chunks, headBytes, tailBytes) => {
      const whole = Buffer.concat(chunks).toString();
      const { head, tail } = await readBodyEnds(Readable.from(chunks), { headBytes, tailBytes });
      assert.equal(head.toString(), whole.slice(0, headBytes));
      const end = whole.slice(-tailBytes);
      const expected = whole.length > tailBytes ? end.slice(end.indexOf('\n') + 1) : whole;
      assert.equal(tail.toString(), expected);
    },
  );
  await t.notThrowsAsync(async () => fc.assert(property));
});
