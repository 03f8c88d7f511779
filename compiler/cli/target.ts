/** `sipe.wsss#sipe_small` (or with a colon) names one method or variant of a file. */
export function splitTarget(target: string): { readonly file: string; readonly only: readonly string[] | undefined } {
  const at = Math.max(target.lastIndexOf('.wsss:'), target.lastIndexOf('.wsss#'));
  return at < 0 ? { file: target, only: undefined } : { file: target.slice(0, at + 5), only: [target.slice(at + 6)] };
}
