import { join } from 'node:path';
import { type MaskExpectation, readMask } from '../data/mask.ts';
import { RunError } from '../train/errors.ts';
import type { Artefact } from './artefact.ts';
import { argmaxLabels, type CamMaps, checkMaps, hasBackground, readCams, readLogits } from './cam-files.ts';

/** The maps of an image, held against what is expected of them. Throws DataError for what is wrong on disk. */
export async function mapsOf(artefact: Artefact, id: string, expected: MaskExpectation = {}): Promise<CamMaps> {
  const path = join(artefact.folder, `${id}.npy`);
  const maps = artefact.record.kind === 'maps' ? await readLogits(path) : await readCams(path);
  checkMaps(maps, path, expected);
  return maps;
}

/** The labels that an artefact predicts for an image: its mask, or the arg-max of its maps. */
export async function predictedLabels(
  artefact: Artefact,
  id: string,
  background: number | undefined,
  expected: MaskExpectation = {},
): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8Array }> {
  if (artefact.record.kind === 'masks') return readMask(join(artefact.folder, `${id}.png`), expected);
  const maps = await mapsOf(artefact, id, expected);
  if (!hasBackground(maps) && background === undefined) {
    throw new RunError(
      'run-plan',
      `the maps of '${artefact.record.stage}' have no background channel, and no threshold is given`,
      'Give the stage threshold: a number, or a threshold stage.',
    );
  }
  return { width: maps.width, height: maps.height, data: argmaxLabels(maps, background) };
}
