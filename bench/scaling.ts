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

const repeats = Number(process.argv.at(-1)) || 5;
const specs = fileURLToPath(new URL('../specs/', import.meta.url));

/** A module of six lines, a block of the method that calls it of seven: thirteen lines for each. */
function blockModule(i: number): string {
  return `/// Block ${i}: two convolutions beside each other.
module block_${i}(width: int)(x: Features[N, H, W, C]) -> Features[N, H, W, width] {
  layer narrow = conv(width, kernel: 1)
  layer wide = conv(width, kernel: 3, pad: 1)
  let sum = relu(narrow(x) + wide(x))
  return sum * 0.5 + sum ^ 2 * 0.25
}
`;
}

function blockCall(i: number): string {
  return `  layer part_${i} = block_${i}(8)
  layer head_${i} = conv(K, kernel: 1)
  let deep_${i} = part_${i}(features)
  cam raw_${i} = head_${i}(deep_${i})
  let scores_${i} = gap(raw_${i})
  loss cls_${i} = soft_margin(scores_${i}, tags)`;
}

/** A method of about so many lines. */
export function generated(lines: number): string {
  const blocks = Math.max(1, Math.floor((lines - 30) / 14));
  const all = Array.from({ length: blocks }, (_, i) => i);
  return `language 1

import "std/layers"
import "std/losses"
import "std/cam"
import "std/backbones/small"

${all.map(blockModule).join('\n')}
method generated {
  supervision tags
  input image: Image[N, H, W, 3]
  input tags: Tags[N, K]
  backbone net = small_residual()
  let features = net(image).layer4
${all.map(blockCall).join('\n')}

  infer seeds(photo: Image[1, h0, w0, 3]) -> Cam {
    return head_0(part_0(net(photo |> normalize(imagenet)).layer4)) as cam
  }

  train {
    data voc.train { image = source |> normalize(imagenet) }
    epochs 1, batch 4
    optimizer sgd(lr: 0.1)
  }
}

dataset voc { format voc }
`;
}

const texts = new Map<string, string>();
function read(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(specs + name, 'utf8');
  texts.set(name, text);
  return text;
}

interface Time {
  readonly wall: number;
  readonly cpu: number;
}

function timed(body: () => void): Time {
  const cpu = process.cpuUsage();
  const from = performance.now();
  body();
  const wall = performance.now() - from;
  const used = process.cpuUsage(cpu);
  return { wall, cpu: (used.user + used.system) / 1000 };
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function median(body: () => void): Time {
  const times = Array.from({ length: repeats }, () => timed(body));
  return { wall: middle(times.map((t) => t.wall)), cpu: middle(times.map((t) => t.cpu)) };
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

function line(what: string, { wall, cpu }: Time, extra = ''): void {
  console.log(`${what.padEnd(52)} ${cpu.toFixed(0).padStart(6)} ms processor  ${wall.toFixed(0).padStart(6)} ms clock${extra}`);
}

/** A new text each time, so that nothing of it has been read before. */
let version = 0;
const fresh = (text: string): string => `${text}// ${++version}\n`;

for (let i = 0; i < 5; i++) check('generated.wsss', fresh(generated(500)));
const sizes = [500, 1000, 2000, 4000, 8000];
const found = sizes.map((lines) => {
  const text = generated(lines);
  const count = text.split('\n').length - 1;
  const time = median(() => check('generated.wsss', fresh(text)));
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
  median(() => {
    for (const file of methods) check(`methods/${file}`);
  }),
);
