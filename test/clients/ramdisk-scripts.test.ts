import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTool } from '../support/tool.ts';

const files = resolve('src/frontend/images/ramdisk/files');

test('BusyBox’s shell reads the ramdisk’s scripts to their ends', async (t) => {
  for (const name of ['init', 'udhcpc', 'wget']) {
    await t.notThrowsAsync(runTool(['busybox', 'sh', '-n', join(files, name)]), name);
  }
});

const whole = 'echo hit\nrm -rf everything\n';

for (const form of [['-O', '-'], ['-O-'], ['-qO-'], ['-q', '-O', '-'], ['--output-document=-']]) {
  test(`what ${form.join(' ')} gives a shell is whole and once, or nothing`, async (t) => {
    const answers = { cut: 2, asked: 0 };
    const server = createServer((_request, response) => {
      answers.asked += 1;
      response.writeHead(200, { 'content-length': whole.length });
      if (answers.asked > answers.cut) response.end(whole);
      else response.write(whole.slice(0, 12), () => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const fetched = async (...more: readonly string[]) => {
      const url = `http://127.0.0.1:${port}/script`;
      const script = '"$@" || echo "it ended with $?"';
      const wget = ['busybox', 'sh', join(files, 'wget'), ...more, ...form, url];
      return runTool(['sh', '-c', `${script} 2>/dev/null`, 'sh', ...wget]);
    };
    t.is(await fetched(), whole);
    t.is(answers.asked, 3);
    answers.cut = Number.POSITIVE_INFINITY;
    t.is(await fetched('-t', '2'), 'it ended with 1\n');
  });
}

/** A server that answers each request with the next of these; then with the last. */
async function serve(t: ExecutionContext, answers: readonly number[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const status = answers[Math.min(asked.length, answers.length) - 1] ?? 200;
    response.writeHead(status).end(`status ${status}\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const output = join(await temporaryFolder(t), 'output');
  const wget = async (path: string, ...args: readonly string[]) => {
    const command = ['sh', join(files, 'wget'), ...args, '-O', output];
    const child = spawn('busybox', [...command, `http://127.0.0.1:${port}${path}`], {
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    return Number(code);
  };
  return { asked, wget, text: () => readFile(output, 'utf8') };
}

test('a package that is not to be had at once is asked for again, as GNU’s wget is called', async (t) => {
  const { asked, wget, text } = await serve(t, [503, 200]);
  t.is(await wget('/pool/b.deb', '-nv', '-T', '20'), 0);
  t.is(await text(), 'status 200\n');
  t.is(asked.length, 2);
});

test('what is not there is asked for once, and so is what must not be said twice', async (t) => {
  const absent = await serve(t, [404]);
  t.not(await absent.wget('/pool/b.deb', '-nv'), 0);
  t.is(absent.asked.length, 1);
  const agent = await serve(t, [500]);
  t.not(await agent.wget('/agent/end?outcome=success', '-q'), 0);
  t.is(agent.asked.length, 1);
  const thrice = await serve(t, [500]);
  t.not(await thrice.wget('/x', '-q', '-t', '2'), 0);
  t.is(thrice.asked.length, 2);
});
