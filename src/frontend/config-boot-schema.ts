import { ifGiven, namedOf, required, setting } from './config-setting.ts';
import { wholeNumber } from './config-values.ts';

export const actionEntries = {
  kernel: required('a path such as memtest/memtest.bin', readPath),
  initrds: setting('a path such as memtest/initrd, or a list of them', [], readPaths),
  args: setting("the kernel's arguments", '', readArguments),
  installs: ifGiven('yes or no', readYesOrNo),
};

export const bootEntries = {
  'pxelinux-local': setting('0 or -1', 0, (value) =>
    value === 0 || value === -1 ? value : undefined,
  ),
  'ipxe-local': setting('exit or sanboot', 'exit', (value) =>
    value === 'exit' || value === 'sanboot' ? value : undefined,
  ),
  silence: setting('whole seconds from 60 to 604800', 3600, wholeNumber(60, 604_800)),
  failed: setting('disk or wait', 'disk', (value) =>
    value === 'disk' || value === 'wait' ? value : undefined,
  ),
  'trust-address': setting('yes or no', false, readYesOrNo),
  actions: namedOf(
    'boot actions such as { memtest: { kernel: memtest/memtest.bin } }',
    actionEntries,
  ),
};

function readYesOrNo(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'yes' || value === 'no' ? value === 'yes' : undefined;
}

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
