/** Files of pretrained weights: safetensors are read; what PyTorch saves is recognised, and told how to convert. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DataError, reason, systemCode } from '../../data/errors.ts';
import { parseSafetensors, type Safetensors } from '../../data/safetensors.ts';

export interface WeightsFile {
  readonly tensors: Safetensors['tensors'];
  /** Of the bytes, in hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string;
}

/** Reads a file of weights. Throws DataError `data-bad-weights` for PyTorch's own formats, `data-bad-safetensors` for what is no such file. */
export async function readWeights(path: string): Promise<WeightsFile> {
  const bytes = await bytesOf(path);
  return { tensors: parseSafetensors(bytes, path).tensors, sha256: sha256Of(bytes) };
}

/** The hash alone. Throws as `readWeights` does, except for what stands inside a safetensors file. */
export async function weightsSha256(path: string): Promise<string> {
  return sha256Of(await bytesOf(path));
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function bytesOf(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError('data-bad-weights', {
      what: 'the file of initial weights cannot be read',
      file: path,
      found: systemCode(error) === 'ENOENT' ? 'no such file' : reason(error),
      hint: 'Check the path given to --weights.',
    });
  }
  if (isPyTorch(bytes)) {
    const target = path.replace(/\.(pth|pt|bin)$/, '');
    throw new DataError('data-bad-weights', {
      what: 'the initial weights are in the format of torch.save',
      file: path,
      expected: 'a safetensors file',
      found: bytes[0] === 0x80 ? 'a pickle' : 'a zip archive',
      hint: `Convert it: python -c "import torch; from safetensors.torch import save_file; save_file(torch.load('${path}', map_location='cpu', weights_only=True), '${target}.safetensors')"`,
    });
  }
  return bytes;
}

/** torch.save writes a zip archive, before version 1.6 a pickle of protocol 2. A safetensors file starts with the length of its header. */
function isPyTorch(bytes: Uint8Array): boolean {
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  return zip || (bytes[0] === 0x80 && bytes[1] === 0x02 && bytes[2] === 0x8a);
}
