/**
 * The colour map of PASCAL VOC (function `VOClabelcolormap` of its development kit): 256 RGB triples, the bits of the label spread over the
 * high bits of the channels.
 */
export function vocPalette(): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let label = 0; label < 256; label++) {
    let rest = label;
    for (let bit = 7; bit >= 0; bit--) {
      for (let channel = 0; channel < 3; channel++) palette[label * 3 + channel] |= ((rest >> channel) & 1) << bit;
      rest >>= 3;
    }
  }
  return palette;
}
