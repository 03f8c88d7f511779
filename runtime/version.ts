/** Part of every cache key: raised with any change of the runtime that changes results. */
export const RUNTIME_VERSION = '1';
