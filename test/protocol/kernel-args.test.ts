import test from 'ava';
import fc from 'fast-check';
import { kernelArgumentsBelow, parseKernelArguments } from '../../src/protocol/kernel-args.ts';

test('a usual command line comes apart', (t) => {
  const line = 'BOOT_IMAGE=/vmlinuz quiet scree.frontend=http://10.1.1.1 scree.role=compute\n';
  t.deepEqual(
    [...parseKernelArguments(line)],
    [
      ['BOOT-IMAGE', '/vmlinuz'],
      ['quiet', ''],
      ['scree.frontend', 'http://10.1.1.1'],
      ['scree.role', 'compute'],
    ],
  );
});

test('quotes keep spaces, around the value or around it all', (t) => {
  const args = parseKernelArguments('a="x y" "b=x y" c="x');
  t.deepEqual(Object.fromEntries(args), { a: 'x y', b: 'x y', c: 'x' });
});

test('a value may hold equals signs; the last of a name counts', (t) => {
  t.is(parseKernelArguments('ks=http://x/?a=b ks=c=d').get('ks'), 'c=d');
});

test('a dash and an underscore in a name are the same', (t) => {
  const below = kernelArgumentsBelow('scree.store_size=1G scree.swarm-port=1', 'scree.');
  t.deepEqual(Object.fromEntries(below), { 'store-size': '1G', 'swarm-port': '1' });
});

test('arguments without a value, and of others, are not taken', (t) => {
  t.is(kernelArgumentsBelow('scree.key= scree.role screen.x=1 =5 "" --- init', 'scree.').size, 0);
});

test('no command line throws, and no name holds what parts arguments', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (line) => {
        for (const name of parseKernelArguments(line).keys()) {
          if (/["=\0]/.test(name) || name === '') return false;
        }
        return true;
      }),
    ),
  );
});

test('what was written without quotes and spaces is read back', (t) => {
  const word = fc.stringMatching(/^[a-z.-]+$/);
  fc.assert(
    fc.property(fc.dictionary(word, fc.stringMatching(/^[^\s"\0]*$/)), (args) => {
      const line = Object.entries(args).map(([name, value]) => `${name}=${value}`);
      t.deepEqual({ ...Object.fromEntries(parseKernelArguments(line.join(' '))) }, { ...args });
    }),
  );
});
