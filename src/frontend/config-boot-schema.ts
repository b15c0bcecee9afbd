import { namedOf, required, setting } from './config-setting.ts';

export const actionEntries = {
  kernel: required('a path such as memtest/memtest.bin', readPath),
  initrds: setting('a path such as memtest/initrd, or a list of them', [], readPaths),
  args: setting("the kernel's arguments", '', readArguments),
};

export const bootEntries = {
  'pxelinux-local': setting('0 or -1', 0, (value) =>
    value === 0 || value === -1 ? value : undefined,
  ),
  'ipxe-local': setting('exit or sanboot', 'exit', (value) =>
    value === 'exit' || value === 'sanboot' ? value : undefined,
  ),
  actions: namedOf(
    'boot actions such as { memtest: { kernel: memtest/memtest.bin } }',
    actionEntries,
  ),
};

// What loaders can be told is checked with the whole action.
function readPath(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readPaths(value: unknown): readonly string[] | undefined {
  const paths: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isPath = (each: unknown): each is string => readPath(each) !== undefined;
  return paths.every(isPath) ? paths : undefined;
}

function readArguments(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
