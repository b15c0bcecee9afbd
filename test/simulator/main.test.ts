import test from 'ava';
import { checkMemory } from '../../src/simulator/main.ts';

const gibibyte = 1024 ** 3;

test('eight nodes need little memory', (t) => {
  t.notThrows(() => checkMemory(8, 2 * gibibyte));
});

test('more nodes than the memory is enough for are refused, with what to do', (t) => {
  t.throws(() => checkMemory(64, 4 * gibibyte), {
    code: 'no-memory',
    message: /^--nodes: expected 8\.4 GiB of free memory for 64 nodes, found 4\.0 GiB; try fewer/,
  });
});
