import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { packageNames, startLoneMachine } from '../support/lone-machine.ts';

test('an install goes on when its agent is killed and started again, and ends well', async (t) => {
  const rack = await startLoneMachine(t);
  const agent = await rack.startAgent();
  await rack.install(packageNames.slice(0, 8));
  await rack.untilProgress(({ packages }) => packages?.done === 8);
  agent.kill('SIGKILL');
  await once(agent, 'close');
  // The installer asks on meanwhile; its agent's hook takes a moment.
  const rest = rack.install(packageNames.slice(8));
  await delay(1_500);
  await rack.startAgent();
  await rest;
  const { bytes, phases } = await rack.untilProgress(({ packages }) => packages?.done === 16);
  t.true(Object.values(bytes).reduce((sum, each) => sum + each, 0) > 0);
  t.is(phases.filter(({ name }) => name === 'agent').length, 1);
  t.like(JSON.parse(await rack.curl(`${rack.agentUrl}/agent/end?outcome=success`)), {
    isTold: true,
  });
  t.is((await rack.show()).bootState, 'os');
});

test('an install goes on over a restart of the frontend, and so does what is known of it', async (t) => {
  const rack = await startLoneMachine(t);
  await rack.startAgent();
  await rack.install(packageNames.slice(0, 8));
  await rack.untilProgress(({ packages }) => packages?.done === 8);
  await delay(1_200);
  rack.frontend().kill('SIGKILL');
  await once(rack.frontend(), 'close');
  await rack.curl(`${rack.agentUrl}/agent/phase?name=post`);
  await rack.startFrontend();
  const { packages } = (await rack.show()).progress ?? {};
  t.is(packages?.done, 8, 'kept');
  await rack.install(packageNames.slice(8));
  const { phases } = await rack.untilProgress((now) => now.packages?.done === 16);
  t.true(
    phases.some(({ name }) => name === 'post'),
    'told while the frontend was away',
  );
});
