/** Zip archives with stored or deflated entries, as torch.save writes them. Sizes are those of the central directory, checked against the file. */
import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

export interface Archive {
  readonly names: readonly string[];
  /** The content of an entry; undefined where there is none of this name. */
  readonly read: (name: string) => Uint8Array | undefined;
}

/** Undefined for what is no zip archive. Throws what `fail` makes of broken ones. */
export function openZip(bytes: Uint8Array, fail: (found: string) => Error): Archive | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number): number => {
    if (at < 0 || at + 2 > bytes.length) throw fail(`it ends at byte ${bytes.length}`);
    return view.getUint16(at, true);
  };
  const u32 = (at: number): number => {
    if (at < 0 || at + 4 > bytes.length) throw fail(`it ends at byte ${bytes.length}`);
    return view.getUint32(at, true);
  };
  if (bytes.length < 22 || u32(0) !== LOCAL) return undefined;
  // A comment of up to 65535 bytes may stand behind the end.
  let end = bytes.length - 22;
  while (end >= 0 && end > bytes.length - 22 - 65536 && u32(end) !== END) end--;
  if (end < 0 || u32(end) !== END) throw fail('a zip archive without its directory (not complete?)');
  const entries = new Map<string, { readonly method: number; readonly packed: number; readonly size: number; readonly local: number }>();
  let at = u32(end + 16);
  for (let i = u16(end + 10); i > 0; i--) {
    if (u32(at) !== ENTRY) throw fail(`no entry of the directory at byte ${at}`);
    const length = u16(at + 28);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + length)).toString('utf8');
    entries.set(name, { method: u16(at + 10), packed: u32(at + 20), size: u32(at + 24), local: u32(at + 42) });
    at += 46 + length + u16(at + 30) + u16(at + 32);
  }
  return {
    names: [...entries.keys()],
    read: (name) => {
      const entry = entries.get(name);
      if (!entry) return undefined;
      if (entry.size === 0xffffffff) throw fail(`${name} is larger than 4 GiB`);
      const from = entry.local + 30 + u16(entry.local + 26) + u16(entry.local + 28);
      if (from + entry.packed > bytes.length) throw fail(`${name} reaches beyond the end of the file`);
      const packed = bytes.slice(from, from + entry.packed);
      if (entry.method !== 0 && entry.method !== 8) throw fail(`${name} is packed by method ${entry.method}`);
      const content = entry.method === 0 ? packed : inflated(packed, entry.size);
      if (content.length !== entry.size) throw fail(`${name} has ${content.length} bytes, not ${entry.size}`);
      return content;
    },
  };
}

function inflated(packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: size });
  } catch {
    return new Uint8Array(0);
  }
}
