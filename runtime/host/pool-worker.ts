/** Entry of a worker thread of the pool: loads the module a task names and calls the function. */
import { parentPort } from 'node:worker_threads';
import type { TaskFailure, TaskReply, TaskRequest } from './pool.ts';

parentPort?.on('message', (request: TaskRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});

async function answer({ id, module, task, args }: TaskRequest): Promise<TaskReply> {
  try {
    const loaded: Record<string, unknown> = await import(module);
    const run = loaded[task];
    if (typeof run !== 'function') throw new TypeError(`${module} has no task '${task}'`);
    return { id, value: await run(args) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): TaskFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {} };
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (value === undefined || typeof value === 'string' || typeof value === 'number') fields[key] = value;
  }
  return { name: error.name, message: error.message, fields };
}
