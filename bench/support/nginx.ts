import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import type { NeededFile } from './programs.ts';
import { waitForHttp } from './wait-for-http.ts';

export const nginxNeeds: readonly NeededFile[] = [
  { file: '/usr/sbin/nginx', debianPackage: 'nginx-light' },
];

export type NginxPlan = {
  /** The address where it listens, on port 80. */
  readonly address: string;
  readonly treeFolder: string;
  /** For its own files; made here. */
  readonly state: string;
};

/** Starts an nginx on a host; the tree is below the URL. Resolves when it answers. */
export async function startNginx(
  host: RackHost,
  plan: NginxPlan,
): Promise<{ readonly process: RackProcess; readonly url: string }> {
  await mkdir(plan.state, { recursive: true });
  await writeFile(join(plan.state, 'nginx.conf'), renderConfig(plan));
  const files = ['-p', plan.state, '-c', 'nginx.conf', '-e', 'log'];
  const process = host.start(['/usr/sbin/nginx', ...files]);
  const url = `http://${plan.address}/tree`;
  await waitForHttp(host, url);
  return { process, url };
}

// One process in the foreground, so that its figures are all of nginx.
function renderConfig({ address, treeFolder }: NginxPlan): string {
  return `user root;
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen ${address}:80;
    location /tree/ { alias "${treeFolder}/"; }
  }
}
`;
}
