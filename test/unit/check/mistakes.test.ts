import { describe, expect, test } from 'vitest';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { checkSpec, specText } from './checking.ts';
import { MISTAKES } from './mistakes.ts';

const show = process.env.SHOW_MISTAKES === '1';

/** Number of the line (from 1) that holds an offset. */
const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

for (const [file, mistakes] of Object.entries(MISTAKES)) {
  describe(file, () => {
    const original = specText(file)!;
    test.each(mistakes)('$name', ({ name, right, wrong, told, code, warning }) => {
      const at = original.indexOf(right);
      expect([at >= 0, original.indexOf(right, at + 1)], 'the text is found once').toEqual([true, -1]);
      const text = original.slice(0, at) + wrong + original.slice(at + right.length);
      const { diagnostics } = checkSpec(file, text);
      if (show) console.log(`##### ${name}\n${renderAll(diagnostics.all)}`);
      const found = diagnostics.toJson();
      expect(diagnostics.hasErrors).toBe(warning !== true);
      expect(found.length).toBeLessThanOrEqual(2);
      // The line of the change, from the first character that differs; or the author's line that is to blame.
      let same = 0;
      while (right[same] === wrong[same] && same < wrong.length) same++;
      const lines = new Set([lineAt(text, at + same)]);
      if (told !== undefined) {
        expect(text.includes(told), 'the line that tells exists').toBe(true);
        for (let i = text.indexOf(told); i >= 0; i = text.indexOf(told, i + 1)) lines.add(lineAt(text, i));
      }
      const [first] = found;
      expect(first.place.file).toBe(file);
      expect([...lines]).toContain(first.place.start.line);
      if (code !== undefined) expect(first.code).toBe(code);
    });
  });
}
