/** How a value is reached in the code being written: a local tensor, or a field of a record that an outlined function returned. */

/** A record of tensors and records: what a function with several results returns. */
export interface RecordOf {
  /** Name of its type. */
  readonly type: string;
  /** Call path of the function that made it. */
  readonly path: string;
}

export interface Step {
  readonly field: string;
  /** Set when the field is itself a record. */
  readonly record: RecordOf | undefined;
}

export interface Access {
  readonly base: string;
  /** Set when the base is a record; steps then lead to the tensor. */
  readonly record: RecordOf | undefined;
  readonly steps: readonly Step[];
}

export function localTensor(name: string): Access {
  return { base: name, record: undefined, steps: [] };
}

export function accessText(access: Access): string {
  return [access.base, ...access.steps.map((step) => step.field)].join('.');
}

/** The innermost record on the way that was made under a call path, with the steps that remain from there. */
export function recordAt(
  access: Access,
  path: string,
): { readonly expression: string; readonly record: RecordOf; readonly rest: readonly Step[] } | undefined {
  for (let i = access.steps.length - 1; i >= 0; i--) {
    const record = i === 0 ? access.record : access.steps[i - 1].record;
    if (record?.path !== path) continue;
    return {
      expression: [access.base, ...access.steps.slice(0, i).map((step) => step.field)].join('.'),
      record,
      rest: access.steps.slice(i),
    };
  }
  return undefined;
}
