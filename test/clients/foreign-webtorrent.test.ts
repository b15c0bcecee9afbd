import { webtorrent } from '../support/foreign-clients.ts';
import { createLoopbackGround } from '../support/foreign-ground.ts';
import { testForeignClient } from '../support/foreign-scenarios.ts';

testForeignClient({ client: webtorrent, createGround: createLoopbackGround });
