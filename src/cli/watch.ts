import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, common, stateOf } from './node-context.ts';
import { createWatchView } from './watch-view.ts';

type Options = CommonOptions & { readonly url?: URL; readonly once?: boolean };

const help = `
Without a selection: all that is being installed, has failed, or was done in the last 15 minutes.
A selection is as of \`scree node\`. The frontend has to run. With --url the operator's token is
taken from the environment: SCREE_TOKEN; one of the scope read will do.
RACK, PEERS: received from machines of the own rack, of others; FRONTEND: pieces that it gave out;
HTTP: all else that came from it. Times are since an install began.`;

/** `scree watch`: the rack's installs, live. */
export function register(program: Command): void {
  common(program.command('watch [selection...]'))
    .usage('[options] [SELECTION…]')
    .description(
      'Watch installs: a line for each machine, drawn anew on a terminal, else one for each change.',
    )
    .option('--url <url>', 'a frontend on another machine, such as http://10.1.1.1', readUrl)
    .option('--once', 'show how things are now, and end')
    .addHelpText('after', help)
    .action(watch);
}

async function watch(selection: readonly string[], options: Options): Promise<void> {
  const { watchInstalls } = await import('../frontend/installs/main.ts');
  const { url, json = false, once = false } = options;
  const { SCREE_TOKEN: token } = process.env;
  const place = url === undefined ? { state: await stateOf(options) } : { url, token };
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
  // Whoever reads it, such as head, has had enough.
  process.stdout.once('error', stop);
  const view = createWatchView(process.stdout, { json, once, isSelected: selection.length > 0 });
  try {
    for await (const event of watchInstalls(place, selection, abort.signal)) {
      view.show(event);
      if (once) break;
    }
  } finally {
    view.close();
    // It may have seen enough; the connection would go on.
    abort.abort();
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('expected a URL such as http://10.1.1.1');
}
