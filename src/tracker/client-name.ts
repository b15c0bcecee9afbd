/** Names by the two letters of Azureus-style peer ids (`-TR4060-…`, BEP 20). */
const names: ReadonlyMap<string, string> = new Map([
  ['AZ', 'Vuze'],
  ['BI', 'BiglyBT'],
  ['DE', 'Deluge'],
  ['LT', 'libtorrent'],
  ['lt', 'libTorrent'],
  ['SC', 'scree'],
  ['TR', 'Transmission'],
  ['UT', 'µTorrent'],
  ['WW', 'WebTorrent'],
  ['qB', 'qBittorrent'],
]);

/** A client's name and version as its peer id (40 hex digits) tells them, for people only. */
export function clientName(peerId: string): string {
  const text = Buffer.from(peerId, 'hex').toString('latin1');
  const azureus = /^-([A-Za-z~]{2})([0-9A-Za-z]{4})-/.exec(text);
  if (azureus?.[1] !== undefined && azureus[2] !== undefined) {
    return `${names.get(azureus[1]) ?? azureus[1]} ${dotted(azureus[2])}`;
  }
  const aria = /^A2-(\d+)-(\d+)-(\d+)-/.exec(text);
  return aria === null ? 'unknown' : `aria2 ${aria.slice(1).join('.')}`;
}

/** `4060` is 4.0.6: digits, letters counting on from 10, without zeros at the end. */
function dotted(version: string): string {
  const parts = [...version].map((digit) => Number.parseInt(digit, 36));
  while (parts.length > 2 && parts.at(-1) === 0) parts.pop();
  return parts.join('.');
}
