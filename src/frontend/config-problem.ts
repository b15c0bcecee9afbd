/** What is wrong with a value, or with several together, in words: expected …, got …. */
export type ConfigProblem = {
  /** The keys that lead to it; places in lists count from 0. */
  readonly path: readonly string[];
  readonly message: string;
};

/** `dhcp.networks[0].range`. */
export function renderPath(path: readonly string[]): string {
  return path.reduce((text, key) => {
    if (/^\d+$/.test(key) && isList(text)) return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** Options have numbers for names too. */
function isList(path: string): boolean {
  return !/(?:^|\.)(?:options|actions)$/.test(path);
}
