import test from 'ava';
import { Command, InvalidArgumentError } from 'commander';
import { renderUsageError } from '../../src/cli/usage-text.ts';

/** What commander itself says of these words. */
function saidOf(...words: readonly string[]): string {
  const said: string[] = [];
  const program = new Command('scree');
  const output = { writeErr: (text: string) => void said.push(text) };
  const quiet = (command: Command) => command.exitOverride().configureOutput(output);
  const node = quiet(quiet(program).command('node'));
  quiet(node.command('add <name>'))
    .requiredOption('--mac <address...>', 'cards')
    .option('-n, --rack <number>', 'rack', () => {
      throw new InvalidArgumentError('Expected a whole number from 0.');
    })
    .action(() => {});
  try {
    program.parse([...words], { from: 'user' });
  } catch {
    // It ends the program, were it not told otherwise.
  }
  return renderUsageError(said.join(''), ['node', 'add']);
}

test('each mistake says what was expected, what came, and where to look', (t) => {
  const cases = [
    [['node', 'add', '--mac', 'x'], 'expected <name>, got none'],
    [['node', 'add', 'a'], 'expected --mac <address...>, got none'],
    [
      ['node', 'add', 'a', '--mac', 'x', '--rakc', '1'],
      "expected an option of this command, got '--rakc' (did you mean '--rack'?)",
    ],
    [
      ['node', 'add', 'a', '--mac', 'x', '--zzz'],
      "expected an option of this command, got '--zzz'",
    ],
    [
      ['node', 'add', 'a', '--mac', 'x', '--rack', 'x'],
      "--rack: expected a whole number from 0, got 'x'",
    ],
    [['node', 'add', 'a', 'b', '--mac', 'x', '--', 'c'], 'expected 1 word, got 3'],
    [['node', 'ad'], "expected a command, got 'ad' (did you mean 'add'?)"],
  ] as const;
  for (const [words, line] of cases) {
    t.is(saidOf(...words), `scree: ${line}; see 'scree node add --help'\n`, words.join(' '));
  }
});

test('choices, and what says itself what came, are told once; other words stay as they are', (t) => {
  const render = (text: string) => renderUsageError(text, []);
  t.is(
    render("error: option '--format <f>' argument 'x' is invalid. Allowed choices are csv, yaml."),
    "scree: --format: expected one of csv, yaml, got 'x'; see 'scree --help'\n",
  );
  t.is(
    render("error: option '--option <n>' argument 'a=1' is invalid. Got 'a' twice."),
    "scree: --option: got 'a' twice; see 'scree --help'\n",
  );
  t.is(render('error: anything\nelse.\n'), "scree: anything else; see 'scree --help'\n");
});
