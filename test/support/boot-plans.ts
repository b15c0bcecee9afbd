import fc from 'fast-check';
import type { KernelPlan } from '../../src/protocol/boot-text.ts';

const pathPart = fc
  .stringMatching(/^[\w+~@][\w.+~@-]{0,12}$/)
  .filter((part) => part !== '.' && part !== '..');

/** Such as are safe in every loader's file. */
export const bootPath = fc
  .array(pathPart, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));

export const label = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/);

/** Printable text without what a loader refuses: kernel arguments as people write them. */
const word = fc.stringMatching(/^[\w.,:/@%+=?&~()[\]{}<>|*^!-]{1,20}$/);
const quotedWord = fc
  .tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.array(word, { minLength: 1, maxLength: 3 }))
  .map(([name, parts]) => `${name}="${parts.join(' ')}"`);

export const argumentWords = fc
  .array(fc.oneof({ weight: 4, arbitrary: word }, quotedWord), { maxLength: 8 })
  .filter((words) => !/(?:^|[ "])(?:\|\||&&|-)(?:[ "]|$)/.test(words.join(' ')));

/** A plan, and its arguments one by one. */
export const kernelPlan = fc
  .record({
    label,
    kernel: bootPath,
    initrds: fc.array(bootPath, { maxLength: 3 }),
    words: argumentWords,
  })
  .map(({ words, ...rest }) => {
    const plan: KernelPlan = { kind: 'kernel', ...rest, args: words.join(' ') };
    return { plan, words };
  });

/** What somebody who wants to add a line, a command or a file would write. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['\n', '\r', '\0', '\t', ' ', '  ', '"', "'", '\\', '$', '${', '}', '$(', '`', ';'],
        ...['#', '||', '&&', '|', '&', '..', '/', '//', ',', '=', '-', '--', '::', ':', '\u2028'],
        ...['\nboot', '\nKERNEL x', 'a', 'x y', '\\n', '\x7f', 'é', '{', '%', '*', '~', '<', '>'],
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

/** Plans in which anything may stand anywhere. */
export const hostilePlan = fc.record({
  kind: fc.constant('kernel' as const),
  label: fc.oneof(label, hostileText),
  kernel: fc.oneof(bootPath, hostileText),
  initrds: fc.array(fc.oneof(bootPath, hostileText), { maxLength: 3 }),
  args: hostileText,
});
