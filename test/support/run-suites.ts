import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { addCounts, type Counts, countTests, describeFailures, noCounts } from './ava-summary.ts';
import { describeLack } from './requirements.ts';
import { listSuites, requirements, type Suite } from './suites.ts';

const compileCache = fileURLToPath(new URL('../../node_modules/.cache/scree', import.meta.url));

const usage = `usage: npm test -- [--all] [SUITE | FILE | FOLDER]... [--AVA-OPTION=VALUE]...

Runs every suite whose programs are on this machine and names each file that it leaves out.
With --all, or CI=true in the environment, a file left out is a failure.
`;

type Plan = {
  readonly suites: readonly Suite[];
  /** A file that cannot run here counts as failed. */
  readonly strict: boolean;
  readonly avaOptions: readonly string[];
};

const failures: string[] = [];

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
// Ctrl-C reaches AVA too, whose tests clean up before it ends.
process.on('SIGINT', () => {});
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const plan = planRun(args);
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  if (plan.suites.length === 0) {
    process.stderr.write(`expected a suite or a test file, got '${args.join(' ')}'; ${usage}`);
    return 2;
  }
  let counts = noCounts;
  for (const suite of plan.suites) counts = addCounts(counts, await runSuite(suite, plan));
  // Thousands of lines may have come since.
  for (const failure of failures) process.stdout.write(`\n${failure}\n`);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

function planRun(args: readonly string[]): Plan {
  const isOption = (arg: string) => arg.startsWith('-');
  const wanted = args.filter((arg) => !isOption(arg)).map((arg) => arg.replace(/^\.\/|\/$/g, ''));
  return {
    suites: listSuites()
      .map((suite) => ({ ...suite, files: suite.files.filter((file) => isWanted(file, suite)) }))
      .filter((suite) => suite.files.length > 0),
    strict: args.includes('--all') || process.env.CI === 'true',
    avaOptions: args.filter((arg) => isOption(arg) && arg !== '--all'),
  };

  function isWanted(file: string, suite: Suite): boolean {
    if (wanted.includes(file)) return true;
    // `npm run test:boot:full -- FILE` names the suite, too.
    if (wanted.includes(suite.name)) return !suite.files.some((each) => wanted.includes(each));
    if (suite.isOnRequest) return false;
    if (wanted.length === 0) return true;
    return wanted.some((name) => file.startsWith(`${name}/`));
  }
}

async function runSuite(suite: Suite, plan: Plan): Promise<Counts> {
  const startedAt = Date.now();
  const runnable = suite.files.filter((file) => lackOf(file) === undefined);
  const leftOut = suite.files.filter((file) => !runnable.includes(file));
  process.stdout.write(`\n${suite.name}: ${runnable.length} of ${suite.files.length} files\n`);
  for (const file of leftOut) {
    const lack = lackOf(file);
    process.stdout.write(
      `left out: ${file} needs ${lack}; 'npm run test:setup' installs programs (Debian, root)\n`,
    );
  }
  const counts = await runFiles(suite, runnable, plan.avaOptions);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`${suite.name}: ${seconds} s\n`);
  const leftOutCounts = plan.strict ? { failed: leftOut.length } : { skipped: leftOut.length };
  return addCounts(counts, { ...noCounts, ...leftOutCounts });
}

function lackOf(file: string): string | undefined {
  return describeLack(requirements.get(file) ?? []);
}

/** AVA runs serial tests of one file at a time only: for more it is started for each file. */
async function runFiles(
  suite: Suite,
  files: readonly string[],
  options: readonly string[],
): Promise<Counts> {
  const isEachAlone = suite.isSerial === true && suite.filesAtOnce > 1;
  const waiting = isEachAlone ? files.map((file) => [file]) : files.length > 0 ? [files] : [];
  let counts = noCounts;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const more = await runAva(suite, next, { options, isEachAlone });
      counts = addCounts(counts, more);
    }
  };
  await Promise.all(Array.from({ length: isEachAlone ? suite.filesAtOnce : 1 }, work));
  return counts;
}

async function runAva(
  suite: Suite,
  files: readonly string[],
  { options, isEachAlone }: { readonly options: readonly string[]; readonly isEachAlone: boolean },
): Promise<Counts> {
  const limit = suite.isOnRequest ? '3h' : '15m';
  const pace = suite.isSerial
    ? ['--concurrency=1', '--serial', `--timeout=${limit}`]
    : [`--concurrency=${suite.filesAtOnce}`];
  const child = spawn(process.execPath, ['node_modules/.bin/ava', ...pace, ...options, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      // Several hundred processes load the same modules.
      NODE_COMPILE_CACHE: compileCache,
      ...process.env,
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
    },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // What several say at once would be one tangle.
    if (!isEachAlone) process.stdout.write(text);
    output += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  const exitCode = await promise;
  if (isEachAlone) process.stdout.write(`\n${files.join(' ')}\n${output}`);
  const counts = countTests(output, exitCode);
  if (counts.failed > 0) failures.push(`failed in ${suite.name}:\n${describeFailures(output)}`);
  return counts;
}
