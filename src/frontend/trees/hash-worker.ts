import { parentPort, workerData } from 'node:worker_threads';
import { createTaskHasher, type HashRequest, type HashWorkerData } from './task-hasher.ts';

/** A worker thread: hashes one task after the other, as they are sent. */
const data: HashWorkerData = workerData;
const hashTask = createTaskHasher(data);

parentPort?.on('message', (request: HashRequest) => {
  // An error that is no finding about a file ends the thread, which the pool reports.
  void hashTask(request).then((result) => parentPort?.postMessage(result));
});
