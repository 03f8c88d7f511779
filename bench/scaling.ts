/**
 * How the time of a check grows with the spec: generated methods of 500 to 8,000 lines (modules, layers, values and losses in the mix of
 * the methods of the package), and the method specs of the package together.
 *
 *     npm run build && npx vite-node bench/scaling.ts -- [repeats]
 *
 * Every number is the median of several checks in a process that has warmed up, in milliseconds of processor time and on the clock.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SoundSpecs } from '../compiler/bind/sound-specs.ts';
import { checkFile } from '../compiler/check/check.ts';
import { Diagnostics } from '../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../compiler/diagnostics/render.ts';
import { generatedSpec } from './generated-spec.ts';
import { line, median } from './timing.ts';

const repeats = Number(process.argv.at(-1)) || 5;
const specs = fileURLToPath(new URL('../specs/', import.meta.url));

const texts = new Map<string, string>();
function read(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(specs + name, 'utf8');
  texts.set(name, text);
  return text;
}

const sound = new SoundSpecs();
function check(name: string, text?: string): ReturnType<typeof checkFile> {
  const diagnostics = new Diagnostics();
  const checked = checkFile({ read: (wanted) => (wanted === name && text !== undefined ? text : read(wanted)) }, name, diagnostics, {
    sound,
  });
  if (diagnostics.all.length > 0) throw new Error(renderAll(diagnostics.all.slice(0, 3)));
  return checked;
}

/** A new text each time, so that nothing of it has been read before. */
let version = 0;
const fresh = (text: string): string => `${text}// ${++version}\n`;

for (let i = 0; i < 5; i++) check('generated.wsss', fresh(generatedSpec(500)));
const sizes = [500, 1000, 2000, 4000, 8000];
const found = sizes.map((lines) => {
  const text = generatedSpec(lines);
  const count = text.split('\n').length - 1;
  const time = median(repeats, () => check('generated.wsss', fresh(text)));
  line(`generated, ${count} lines`, time, `   ${((1000 * time.cpu) / count).toFixed(0)} us a line`);
  return { count, ...time };
});
const logs = found.map(({ count, cpu }) => [Math.log(count), Math.log(cpu)] as const);
const meanOf = (at: 0 | 1): number => logs.reduce((sum, pair) => sum + pair[at], 0) / logs.length;
const [mx, my] = [meanOf(0), meanOf(1)];
const slope = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
console.log(`time grows with lines to the power of ${slope.toFixed(2)} (least squares over ${sizes.length} sizes)`);

const methods = readdirSync(`${specs}methods`).filter((f) => f.endsWith('.wsss'));
line(
  `all ${methods.length} files of specs/methods, every method`,
  median(repeats, () => {
    for (const file of methods) check(`methods/${file}`);
  }),
);
