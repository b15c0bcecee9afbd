/**
 * Liquid reads a condition as far as it understands it and passes over the rest (`a = "b"` is
 * `a`), so what is no condition as a whole has to be seen before: values, comparisons, `and`,
 * `or`, `not`, `contains` and parentheses.
 */
export function isCondition(text: string): boolean {
  const words = wordsOf(text);
  if (words === undefined) return false;
  let at = 0;
  const take = (isWanted: (word: string) => boolean): boolean => {
    const isThere = isWanted(words[at] ?? '');
    if (isThere) at += 1;
    return isThere;
  };
  const operand = (): boolean => {
    while (take((word) => word === 'not')) {}
    if (take((word) => word === '(')) return expression() && take((word) => word === ')');
    return take(isValue);
  };
  const expression = (): boolean => {
    if (!operand()) return false;
    while (take((word) => operators.has(word))) if (!operand()) return false;
    return true;
  };
  return expression() && at === words.length;
}

/** The conditions that a template's tags have, with the place of each in the text. */
export function conditionsOf(text: string): readonly { readonly text: string; at: number }[] {
  const tags = text.matchAll(/\{%-?\s*(?:if|elsif|unless)\b(.*?)-?%\}/gs);
  return [...tags].map(({ 1: condition = '', index }) => ({ text: condition, at: index }));
}

const operators = new Set(['==', '!=', '>=', '<=', '>', '<', 'and', 'or', 'contains']);

const word =
  /\s*("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?(?![\w.])|[A-Za-z_][\w-]*(?:\.[\w-]+|\[-?\d+\])*|[=!<>]=|[<>()])\s*/y;

function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = [];
  word.lastIndex = 0;
  while (word.lastIndex < text.length) {
    const found = word.exec(text)?.[1];
    if (found === undefined) return undefined;
    words.push(found);
  }
  return words;
}

function isValue(text: string): boolean {
  return /^["'\w-]/.test(text) && !operators.has(text) && text !== 'not';
}
