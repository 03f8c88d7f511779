/** Files of pretrained weights, whatever library saved them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DataError, reason, systemCode } from '../../data/errors.ts';
import { isMxnetParams, parseMxnetParams } from '../../data/mxnet-params.ts';
import { parseSafetensors, type Safetensors } from '../../data/safetensors.ts';
import { isTorchFile, parseTorchFile } from '../../data/torch-file.ts';

export interface WeightsFile {
  readonly tensors: Safetensors['tensors'];
  /** Of the bytes, in hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string;
}

/** Reads a file of weights: safetensors, what torch.save wrote, or MXNet's `.params`. Throws DataError `data-bad-weights` or `data-bad-safetensors`. */
export async function readWeights(path: string): Promise<WeightsFile> {
  const bytes = await bytesOf(path);
  return { tensors: tensorsOf(bytes, path), sha256: sha256Of(bytes) };
}

function tensorsOf(bytes: Uint8Array, path: string): Safetensors['tensors'] {
  const broken =
    (expected: string) =>
    (found: string): DataError =>
      new DataError('data-bad-weights', {
        what: 'the file of initial weights cannot be read',
        file: path,
        expected,
        found,
        hint: 'Load it again, or save its state dictionary alone: torch.save(model.state_dict(), …).',
      });
  if (isTorchFile(bytes)) return parseTorchFile(bytes, broken('a state dictionary of PyTorch'));
  if (isMxnetParams(bytes)) return parseMxnetParams(bytes, broken('arrays of MXNet'));
  return parseSafetensors(bytes, path).tensors;
}

/** The hash alone. Throws where the file cannot be read. */
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
  return bytes;
}
