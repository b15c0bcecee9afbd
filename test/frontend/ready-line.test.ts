import test from 'ava';
import { parseConfig } from '../../src/frontend/config.ts';
import { renderReady } from '../../src/frontend/ready-line.ts';

const frontend = {
  url: 'http://10.1.1.1:80',
  trackerEndpoint: '10.1.1.1:6969',
  seedEndpoint: '10.1.1.1:6881',
  treeCount: () => 2,
};
const text = 'http://10.1.1.1:80 tracker 10.1.1.1:6969 seed 10.1.1.1:6881 trees 2';
const listens = (http: string, tracker: string, seed: string) =>
  parseConfig(
    `{ http: { listen: "${http}" }, tracker: { listen: "${tracker}" }, seed: { listen: "${seed}" } }`,
    'scree.yaml',
  );

test('the ready line tells where things are, and how many trees there are', (t) => {
  const config = listens('10.1.1.1:80', '10.1.1.1:6969', '10.1.1.1:6881');
  t.is(renderReady(frontend, config), text);
});

test('what listens on all addresses is named behind it', (t) => {
  const some = listens(':80', '10.1.1.1:6969', '[::]:6881');
  t.is(renderReady(frontend, some), `${text} (on all addresses: http, seed)`);
  const all = parseConfig('', 'scree.yaml');
  t.is(renderReady(frontend, all), `${text} (on all addresses: http, tracker, seed)`);
});
