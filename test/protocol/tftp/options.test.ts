import test from 'ava';
import fc from 'fast-check';
import { decideOptions } from '../../../src/protocol/tftp/options.ts';

const limits = { maximumBlockBytes: 1_468, maximumWindowBlocks: 64 };

function decide(asked: Readonly<Record<string, string>>, own = limits) {
  const { granted, ...agreed } = decideOptions(new Map(Object.entries(asked)), own, 1_000_000);
  return { ...agreed, granted: Object.fromEntries(granted) };
}

test('who asks for nothing gets blocks of 512 bytes, one at a time, and no OACK', (t) => {
  t.deepEqual(decide({}), {
    blockBytes: 512,
    windowBlocks: 1,
    timeoutSeconds: undefined,
    granted: {},
  });
});

test('what is asked for is granted up to the limits', (t) => {
  t.deepEqual(decide({ tsize: '0', blksize: '1432', windowsize: '8', timeout: '6' }), {
    blockBytes: 1_432,
    windowBlocks: 8,
    timeoutSeconds: 6,
    granted: { tsize: '1000000', blksize: '1432', windowsize: '8', timeout: '6' },
  });
  const most = decide({ blksize: '65464', windowsize: '65535' });
  t.deepEqual(most.granted, { blksize: '1468', windowsize: '64' });
});

test('blocks of 512 bytes stay so where smaller ones are the limit', (t) => {
  const own = { maximumBlockBytes: 256, maximumWindowBlocks: 64 };
  t.is(decide({}, own).blockBytes, 512);
  t.is(decide({ blksize: '512' }, own).blockBytes, 256);
});

test('a window is never more than a socket takes', (t) => {
  const own = { maximumBlockBytes: 65_464, maximumWindowBlocks: 64 };
  t.like(decide({ blksize: '65464', windowsize: '16' }, own), { windowBlocks: 2 });
  t.like(decide({ blksize: '8192', windowsize: '64' }, own), { windowBlocks: 16 });
});

for (const [name, values] of Object.entries({
  blksize: ['7', '0', '-1', '1468 ', '1e3', '0x200', '', 'big', '9'.repeat(20)],
  timeout: ['0', '256', '-3', '1.5', ''],
  windowsize: ['0', '-1', 'x', ''],
  multicast: [''],
  utimeout: ['100000'],
})) {
  for (const value of values) {
    test(`${name} of '${value}' is left out of the answer`, (t) => {
      t.deepEqual(decide({ [name]: value }), decide({}));
    });
  }
}

test('the size of an empty file is not told: curl takes 0 for an error', (t) => {
  t.is(decideOptions(new Map([['tsize', '0']]), limits, 0).granted.size, 0);
});

test('options are answered in the order in which they came', (t) => {
  const { granted } = decideOptions(
    new Map([
      ['windowsize', '4'],
      ['tsize', '0'],
      ['blksize', '1024'],
    ]),
    limits,
    1,
  );
  t.deepEqual([...granted.keys()], ['windowsize', 'tsize', 'blksize']);
});

test('whatever is asked for, the answer keeps the RFCs and the limits', (t) => {
  const value = fc.oneof(fc.integer({ min: -10, max: 100_000 }).map(String), fc.string());
  const asked = fc.dictionary(
    fc.constantFrom('blksize', 'timeout', 'tsize', 'windowsize', 'rollover'),
    value,
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(asked, (options) => {
        const { blockBytes, windowBlocks, granted } = decide(options);
        t.true(blockBytes >= 8 && blockBytes <= 1_468);
        t.true(windowBlocks >= 1 && windowBlocks <= 64);
        if ('blksize' in granted) t.true(Number(granted.blksize) <= Number(options.blksize));
        if ('windowsize' in granted)
          t.true(Number(granted.windowsize) <= Number(options.windowsize));
        if ('timeout' in granted) t.is(Number(granted.timeout), Number(options.timeout));
        t.false('rollover' in granted);
      }),
    ),
  );
});
