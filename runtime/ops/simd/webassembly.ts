/** The part of the WebAssembly interface that is used here: the standard library without a browser's declarations does not describe it. */

/** Opaque: the memory of a module, shared by every module that imports it. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

declare const WebAssembly: {
  readonly validate: (code: Uint8Array<ArrayBuffer>) => boolean;
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (size: { readonly initial: number }) => Memory;
};

export function isMemory(value: unknown): value is Memory {
  return value instanceof WebAssembly.Memory;
}

/** Runs a module on a memory; undefined where this machine cannot execute it. */
export function instantiate(code: Uint8Array<ArrayBuffer>, memory: Memory): Readonly<Record<string, unknown>> | undefined {
  if (!WebAssembly.validate(code)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports;
}
