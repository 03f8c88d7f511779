/** Worker threads that run exported functions of modules: a task is a module's URL, a function's name and plain data. */
import { Worker } from 'node:worker_threads';

export interface TaskRequest {
  readonly id: number;
  readonly module: string;
  readonly task: string;
  readonly args: unknown;
}

/** What a failed task leaves: structured cloning keeps no class and no own fields of errors. */
export interface TaskFailure {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type TaskReply =
  | { readonly id: number; readonly value: unknown; readonly failure?: undefined }
  | { readonly id: number; readonly failure: TaskFailure };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

/**
 * Whether worker threads can be started: their entry is plain JavaScript, so not when the sources themselves run (under a test runner, say).
 */
export function workersSupported(): boolean {
  return !import.meta.url.endsWith('.ts');
}

/** A fixed number of threads; every thread keeps its modules, and what they remember, until the pool closes. */
export class WorkerPool {
  readonly size: number;
  readonly #members: readonly Member[];
  readonly #revive: (failure: TaskFailure) => Error;
  #next = 0;

  /** `revive` turns a failure back into the error class of the caller's room. */
  constructor(size: number, revive: (failure: TaskFailure) => Error = plainError) {
    this.size = size;
    this.#revive = revive;
    this.#members = Array.from({ length: size }, () => this.#start());
  }

  #start(): Member {
    const member: Member = { worker: new Worker(new URL('./pool-worker.js', import.meta.url)), pending: new Map() };
    const failAll = (error: Error): void => {
      for (const waiting of member.pending.values()) waiting.reject(error);
      member.pending.clear();
    };
    member.worker.on('message', (reply: TaskReply) => {
      const waiting = member.pending.get(reply.id);
      member.pending.delete(reply.id);
      if (reply.failure) waiting?.reject(this.#revive(reply.failure));
      else waiting?.resolve(reply.value);
    });
    member.worker.on('error', (error) => failAll(error instanceof Error ? error : new Error(String(error))));
    member.worker.on('exit', (code) => failAll(new Error(`a worker thread ended with code ${code}`)));
    return member;
  }

  /** Runs a task on one thread. Tasks given to a thread start in the order given; asynchronous ones overlap. */
  async runOn<T>(index: number, module: string, task: string, args: unknown): Promise<T> {
    const member = this.#members[index];
    const id = this.#next++;
    const value = await new Promise<unknown>((resolve, reject) => {
      member.pending.set(id, { resolve, reject });
      const request: TaskRequest = { id, module, task, args };
      member.worker.postMessage(request);
    });
    // The task's own module defines what it returns; the caller names it.
    return value as T;
  }

  /** Runs a task on every thread at once; `args` gives each thread's own. */
  everywhere<T>(module: string, task: string, args: (index: number) => unknown): Promise<readonly T[]> {
    return Promise.all(this.#members.map((_, index) => this.runOn<T>(index, module, task, args(index))));
  }

  /** Runs one task for each item, each thread taking the next item when it is free; results in the order of the items. */
  async map<T>(module: string, task: string, items: readonly unknown[], onDone?: (done: number) => void): Promise<readonly T[]> {
    const results: T[] = new Array<T>(items.length);
    let next = 0;
    let done = 0;
    const lane = async (index: number): Promise<void> => {
      while (next < items.length) {
        const at = next++;
        results[at] = await this.runOn<T>(index, module, task, items[at]);
        onDone?.(++done);
      }
    };
    await Promise.all(this.#members.map((_, index) => lane(index)));
    return results;
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function plainError(failure: TaskFailure): Error {
  return Object.assign(new Error(failure.message), failure.fields, { name: failure.name });
}
