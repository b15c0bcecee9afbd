import { transmission } from '../support/foreign-clients.ts';
import { createNamespaceGround } from '../support/foreign-ground.ts';
import { testForeignClient } from '../support/foreign-scenarios.ts';

// Transmission takes no loopback address from a tracker.
testForeignClient({ client: transmission, createGround: createNamespaceGround });
