const plainWord = /^[A-Za-z0-9_@:,.+/=-]+$/;

/**
 * One word of a POSIX shell that stands for exactly this text (without zero bytes). No line of it
 * but the first begins with a letter of the text, so nothing that goes by lines, such as the
 * sections of a kickstart, takes it for its own.
 */
export function shellWord(text: string): string {
  // `a=b` at the beginning of a command would be an assignment, `~` a home folder.
  if (plainWord.test(text) && !text.includes('=')) return text;
  const quoted = text.replaceAll("'", `'\\''`).replace(/[\p{Cc}\u2028\u2029]/gu, "$&''");
  return `'${quoted}'`;
}
