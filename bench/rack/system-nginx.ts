import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInstaller } from './installer.ts';
import type { Stage, System } from './system.ts';
import { waitForHttp } from './wait-for-http.ts';

/** Every node fetches everything from the frontend's nginx. */
export const nginx: System = {
  name: 'nginx',
  needs: [{ file: '/usr/sbin/nginx', debianPackage: 'nginx-light' }],
  expectedRatio: (nodes) => nodes,
  start: async (stage) => {
    const { frontend, nodes, folder } = stage;
    const state = join(folder, 'nginx');
    await mkdir(state);
    await writeFile(join(state, 'nginx.conf'), renderConfig(stage));
    const server = frontend.start([
      '/usr/sbin/nginx',
      '-p',
      state,
      '-c',
      'nginx.conf',
      '-e',
      'log',
    ]);
    const baseUrl = `http://${frontend.ip}/tree`;
    await waitForHttp(frontend, baseUrl);
    const installers = await Promise.all(
      nodes.map((node) => createInstaller(stage, node, baseUrl)),
    );
    return {
      nodes: installers.map((installer) => installer.node),
      frontendProcesses: [server],
      agentProcesses: [],
      clientProcesses: installers.map((installer) => installer.process),
      countSentBytes: undefined,
    };
  },
};

// One process in the foreground, so that its figures are all of nginx.
function renderConfig({ frontend, tree }: Stage): string {
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
    listen ${frontend.ip}:80;
    location /tree/ { alias "${tree.folder}/"; }
  }
}
`;
}
