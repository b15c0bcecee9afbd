// Fetches URLs, four at a time, into the files 0, 1, … of a folder, and prints a line with a JSON
// list of the status codes. It is a program of its own so that it can run in another network
// namespace than the test. Arguments: folder, URLs.
import { createWriteStream } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [folder = '', ...urls] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const statuses = await Promise.all(urls.map(fetchOne));
agent.destroy();
process.stdout.write(`${JSON.stringify(statuses)}\n`);

async function fetchOne(url: string, at: number): Promise<number | undefined> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent }, resolve).on('error', reject);
  });
  await pipeline(response, createWriteStream(join(folder, String(at))));
  return response.statusCode;
}
