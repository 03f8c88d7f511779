/** Dotted call paths and state keys. */

/** Whether `path` is `prefix` or lies below it. */
export function within(path: string, prefix: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}.`);
}

/** What follows the prefix, without the dot; the whole path where it lies elsewhere. */
export function below(path: string, prefix: string): string {
  if (prefix === '' || !within(path, prefix)) return path;
  return path.slice(prefix.length + 1);
}

/** The longest prefix of whole components that all share; empty where there is none. */
export function commonPath(paths: readonly string[]): string {
  if (paths.length === 0) return '';
  let shared = paths[0].split('.');
  for (const path of paths) {
    const parts = path.split('.');
    let n = 0;
    while (n < shared.length && n < parts.length && shared[n] === parts[n]) n++;
    shared = shared.slice(0, n);
    if (n === 0) break;
  }
  return shared.join('.');
}

/** The end of a path as a name: the last component, with the one before it where it is only a number (`layer3_2`). */
export function tailName(path: string): string {
  const parts = path.split('.');
  const last = parts[parts.length - 1];
  return /^[0-9]+$/.test(last) && parts.length > 1 ? `${parts[parts.length - 2]}_${last}` : last;
}

/** A path as a name: its last two components, and as many before them as it takes to begin with a word. */
export function shortName(path: string): string {
  const parts = path.split('.');
  let first = Math.max(0, parts.length - 2);
  while (first > 0 && /^[0-9]+$/.test(parts[first])) first--;
  return parts.slice(first).join('_');
}
