/** Wherever a text has it: who reads it is not to act as the machine that is being installed. */
const installToken = /\d+-[\da-f]{32}/g;

/** The text without tokens of installs, see `installTokenOf`. */
export function withoutTokens(text: string): string {
  return text.replaceAll(installToken, '…');
}
