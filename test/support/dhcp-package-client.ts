/**
 * The client of the package `dhcp`: `dhcp-package-client.ts MAC [names-address]`. Prints what it
 * hears as a line of JSON each, and ends when it is bound.
 */
import dhcp, { type DhcpClientState, type DhcpMessage } from 'dhcp';

const [mac = '', how] = process.argv.slice(2);
const features = ['hostname', 'domainName', 'router', 'dns', 'broadcast', 'ntpServer'];
const client = dhcp.createClient({ mac, features });
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

client.on('message', (message: DhcpMessage) => {
  const { yiaddr, siaddr, file, options } = message;
  print({ type: options[53], yiaddr, siaddr, file: file.replaceAll('\0', '') });
  // It writes its REQUEST from what it knew before the offer: neither address nor server.
  if (how === 'names-address') client._state.address = yiaddr;
});
client.on('error', (error: unknown) => print({ error: String(error) }));
client.on('bound', (state: DhcpClientState) => {
  print({ bound: state });
  client.close();
});
client.listen(68, '0.0.0.0', () => client.sendDiscover());
