/** Facts about the process and the few environment variables that native libraries read when they load. */
import { availableParallelism, totalmem } from 'node:os';

/** Has to run before TensorFlow's library is loaded. What the user has set stays. */
export function prepareTensorFlowEnvironment(): void {
  // Warnings and errors only: the library announces every device and instruction set it finds.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // By default TensorFlow takes all memory of a GPU at once.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
}

export interface ProcessFacts {
  /** Without the leading v. */
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** Processor cores this process may use. */
  readonly cores: number;
  /** Bytes of main memory: the container's limit where there is one. */
  readonly memory: number;
}

export function processFacts(): ProcessFacts {
  const limit = process.constrainedMemory() ?? 0;
  const total = totalmem();
  return {
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    cores: availableParallelism(),
    // Without a limit the system reports 0 or a number beyond all memory.
    memory: limit > 0 ? Math.min(limit, total) : total,
  };
}
