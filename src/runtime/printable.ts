/** What cannot steer a terminal nor begin a new line: each such character is `·`. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '·');
}
