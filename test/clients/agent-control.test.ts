import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { ProgressReport } from '../../src/protocol/install-progress.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually, startTestAgent } from '../support/test-agent.ts';

const run = promisify(execFile);
const tree = makeSmallTree({ keys: makeKeys(), files: { 'pool/a.deb': 'a' } });
const token = `7-${'ab'.repeat(16)}`;

/** How each says something to its agent, with or without a body from a file. */
const clients: ReadonlyMap<string, (url: string, file?: string) => readonly string[]> = new Map([
  [
    'curl',
    (url, file) => [
      ...['curl', '-fsS', '--noproxy', '*'],
      ...(file === undefined ? [] : ['--data-binary', `@${file}`]),
      url,
    ],
  ],
  [
    'busybox wget',
    (url, file) => [
      ...['busybox', 'wget', '-q', '-O', '-'],
      ...(file === undefined ? [] : ['--post-file', file]),
      url,
    ],
  ],
]);

for (const [name, commandOf] of clients) {
  test(`${name} tells an agent how an install goes, to its end`, async (t) => {
    const { base, reports, ends } = await start(t);
    const say = async (path: string, file?: string) => {
      const [program = '', ...args] = commandOf(`${base}/agent/${path}`, file);
      return (await run(program, args)).stdout;
    };
    t.is(await say('phase?name=partitioned&detail=%2Fdev%2Fvda'), '');
    t.is(await say('packages?done=1&total=2'), '');
    await eventually(t, () => reports.at(-1)?.packages?.total === 2, 'the count');
    await t.throwsAsync(say('phase?name=lunch'));
    await t.throwsAsync(say('store?folder=relative'));
    const log = join(await temporaryFolder(t), 'syslog');
    await writeFile(log, 'begun\nno disk\n');
    const failure = JSON.parse(await say(`end?outcome=failure&log=${log}`));
    t.like(failure, { outcome: 'failure', isTold: true });
    t.is(ends[0], '/failure?reason=no%20disk begun\nno disk');
    t.like(JSON.parse(await say('end?outcome=success', log)), { outcome: 'success' });
    t.is(ends[1], '/success begun\nno disk');
    // It takes longer than a heartbeat: the body comes in parts.
    t.true(reports.at(-1)?.phases.some(({ name: phase }) => phase === 'done'));
  });
}

async function start(t: ExecutionContext) {
  const reports: ProgressReport[] = [];
  const ends: string[] = [];
  const { base } = await startTestAgent(t, [tree], {
    config: {
      ...{ token, lingerSeconds: 6 },
      control: { reporter: { everyMs: 50 }, ending: { leaseMs: 6_000 } },
    },
    prepare: ({ scripts }) => {
      scripts.set(`/installs/${token}/progress`, (request, response) => {
        void text(request).then((body) => {
          reports.push(JSON.parse(body) as ProgressReport);
          const isDone = reports.at(-1)?.phases.some(({ name }) => name === 'done') ?? false;
          response.end(JSON.stringify(isDone ? { lingerSeconds: 6 } : {}));
        });
      });
      for (const outcome of ['success', 'failure']) {
        scripts.set(`/installs/${token}/${outcome}`, (request, response) => {
          void text(request).then((body) => {
            ends.push(`${request.url?.replace(/^.*\/(?=success|failure)/, '/')} ${body}`);
            response.end();
          });
        });
      }
    },
  });
  return { base, reports, ends };
}
