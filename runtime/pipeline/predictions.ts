import { join } from 'node:path';
import { readMask } from '../data/mask.ts';
import { RunError } from '../train/errors.ts';
import type { Artefact } from './artefact.ts';
import { argmaxLabels, type CamMaps, hasBackground, readCams } from './cam-files.ts';
import { readLogits } from './image-tasks.ts';

/** The maps of an image. Throws RunError for an artefact of masks, DataError for what is wrong on disk. */
export function mapsOf(artefact: Artefact, id: string): Promise<CamMaps> {
  const path = join(artefact.folder, `${id}.npy`);
  return artefact.record.kind === 'maps' ? readLogits(path) : readCams(path);
}

/** The labels that an artefact predicts for an image: its mask, or the arg-max of its maps. */
export async function predictedLabels(
  artefact: Artefact,
  id: string,
  background: number | undefined,
): Promise<{ readonly width: number; readonly height: number; readonly data: Uint8Array }> {
  if (artefact.record.kind === 'masks') return readMask(join(artefact.folder, `${id}.png`));
  const maps = await mapsOf(artefact, id);
  if (!hasBackground(maps) && background === undefined) {
    throw new RunError(
      'run-plan',
      `the maps of '${artefact.record.stage}' have no background channel, and no threshold is given`,
      'Give the stage threshold: a number, or a threshold stage.',
    );
  }
  return { width: maps.width, height: maps.height, data: argmaxLabels(maps, background) };
}
