import type { RackHost } from '../../test/support/rack.ts';

/** Resolves as soon as a server on this host gives any HTTP answer; at most 20 s. */
export async function waitForHttp(host: RackHost, url: string): Promise<void> {
  const script = `i=0; while [ $i -lt 200 ]; do
    curl -s -o /dev/null --max-time 2 "$1" && exit 0; sleep 0.1; i=$((i + 1)); done
    echo "no answer from $1" >&2; exit 1`;
  await host.run(['sh', '-c', script, 'wait', url], { timeoutMs: 20_000 });
}
