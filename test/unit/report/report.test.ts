import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { barChart } from '../../../runtime/report/bar-chart.ts';
import { escapeHtml, formatNumber, formatPercent } from '../../../runtime/report/html.ts';
import { lineChart, pointsPerMean } from '../../../runtime/report/line-chart.ts';
import { heatPicture, maskPicture, shrinkPicture } from '../../../runtime/report/pictures.ts';
import { encodeRgbPng, type Picture, pngDataUri } from '../../../runtime/report/png.ts';
import { type Report, writeReport } from '../../../runtime/report/report.ts';
import { formatScores, parseScores, protocolDifferences, type Score } from '../../../runtime/report/scores.ts';
import { linearScale } from '../../../runtime/report/ticks.ts';

const score: Score = { stage: 'seeds', split: 'val', metric: 'mIoU', value: 55.12, protocol: { images: 20, classes: 3 } };
const dot: Picture = { width: 1, height: 1, rgb: Uint8Array.from([1, 2, 3]) };
const empty: Report = { title: 't', subtitle: 's', facts: [], scores: [], curves: [], sweeps: [], perClass: [], notes: [] };

describe('numbers and text', () => {
  it('formats as a reader wants', () => {
    expect([0, 0.1 + 0.2, 1234, 12345.6, 1.2e-7, -0.5, 3e12, Number.NaN].map(formatNumber)).toEqual([
      '0',
      '0.3',
      '1,234',
      '12,346',
      '1.2e-7',
      '−0.5',
      '3e12',
      '–',
    ]);
    expect([55.16, 100, Number.NaN].map(formatPercent)).toEqual(['55.2', '100.0', '–']);
  });

  it('escapes everything that could be markup', () => {
    expect(escapeHtml(`<a href="x" b='y'>&\u0000`)).toBe('&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp; ');
  });
});

describe('scales', () => {
  it('covers the data with round ticks', () => {
    expect(linearScale([0.03, 0.58], 5, true)).toEqual({ low: 0, high: 0.6, ticks: [0, 0.2, 0.4, 0.6] });
    expect(linearScale([3, 17], 6, false)).toEqual({ low: 3, high: 17, ticks: [5, 10, 15] });
  });

  it('has room around a single value and for none', () => {
    const one = linearScale([4, Number.NaN], 5, true);
    expect(one.low).toBeLessThan(4);
    expect(one.high).toBeGreaterThan(4);
    expect(linearScale([], 5, true)).toMatchObject({ low: 0, high: 1 });
    expect(linearScale([0], 5, true).ticks).toContain(0);
  });
});

describe('charts', () => {
  const chart = {
    title: 'Loss',
    x: [0, 1, 2, 3],
    series: [{ name: 'a', points: [1, null, Number.NaN, 4] }],
    xLabel: 'step',
    yLabel: 'loss',
  };

  it('draws what is there and leaves gaps out', () => {
    const svg = lineChart(chart);
    const [, path] = /class="line s0" d="([^"]+)"/.exec(svg) ?? [];
    expect(path.match(/[ML]/g)).toEqual(['M', 'L']);
    expect(svg).toContain('<title>a: 4 at step 3</title>');
    // Larger values stand higher.
    const ys = [...path.matchAll(/[ML][0-9.]+ ([0-9.]+)/g)].map((m) => Number(m[1]));
    expect(ys[1]).toBeLessThan(ys[0]);
  });

  it('draws long series as means and says over how many values', () => {
    const x = Array.from({ length: 1000 }, (_, i) => i);
    const long = { ...chart, x, series: [{ name: 'a', points: x.map((v) => v % 2) }] };
    expect(pointsPerMean(long)).toBe(3);
    const [, path] = /class="line s0" d="([^"]+)"/.exec(lineChart(long)) ?? [];
    expect(path.match(/[ML]/g)).toHaveLength(334);
  });

  it('marks the chosen threshold at its place', () => {
    const svg = lineChart({ ...chart, mark: { x: 3, label: 'chosen: 3' } });
    const mark = Number(/class="mark" d="M([0-9.]+) /.exec(svg)?.[1]);
    const last = Number(/L([0-9.]+) [0-9.]+"/.exec(svg)?.[1]);
    expect(mark).toBe(last);
  });

  it('bars are as long as their values; an absent class has a dash', () => {
    const svg = barChart({ title: 'IoU', classes: ['cat', 'dog', 'cow'], series: [{ name: 'seeds', values: [80, 40, Number.NaN] }] });
    const widths = [...svg.matchAll(/class="bar s0"[^>]* width="([0-9.]+)"/g)].map((m) => Number(m[1]));
    expect(widths[0]).toBeCloseTo(2 * widths[1], 1);
    expect(widths[2]).toBe(0);
    expect(svg).toContain('<title>cow, seeds: –</title>');
  });

  it('refuses lengths that do not fit', () => {
    expect(() => lineChart({ ...chart, x: [0] })).toThrow(/series 'a' has 4 points for 1 values of x/);
    expect(() => barChart({ title: '', classes: ['a'], series: [{ name: 'b', values: [] }] })).toThrow(/0 values for 1 classes/);
  });
});

describe('pictures', () => {
  /** The pixels of a PNG written with the filter "up", by the format's definition. */
  function decode(png: Uint8Array): Picture {
    const bytes = Buffer.from(png);
    const width = bytes.readUInt32BE(16);
    const height = bytes.readUInt32BE(20);
    const start = bytes.indexOf('IDAT');
    const raw = inflateSync(bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start - 4)));
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < width * 3; i++)
        rgb[y * width * 3 + i] = raw[y * (width * 3 + 1) + 1 + i] + (y > 0 ? rgb[(y - 1) * width * 3 + i] : 0);
    }
    return { width, height, rgb };
  }

  it('PNG keeps every pixel', async () => {
    const picture = { width: 5, height: 4, rgb: Uint8Array.from({ length: 60 }, (_, i) => (i * 97) % 256) };
    const png = encodeRgbPng(picture);
    expect(decode(png)).toEqual(picture);
    const { default: sharp } = await import('sharp');
    const read = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(read.info).toMatchObject({ width: 5, height: 4, channels: 3 });
    expect([...read.data]).toEqual([...picture.rgb]);
  });

  it('masks take the palette, heat covers where the score is high', () => {
    const palette = Uint8Array.from({ length: 768 }, (_, i) => 255 - (i % 256));
    expect([...maskPicture([1, 255], 2, 1, palette).rgb]).toEqual([...palette.subarray(3, 6), ...palette.subarray(765, 768)]);
    const grey = { width: 2, height: 1, rgb: new Uint8Array(6).fill(100) };
    const heat = heatPicture(grey, Float32Array.from([0, 0.2, 0, 1])).rgb;
    expect(heat[3]).toBeGreaterThan(200);
    expect(heat[0]).toBeLessThan(100);
    expect(() => heatPicture(grey, new Float32Array(3))).toThrow(/3 cam values do not divide/);
  });

  it('shrinks by averaging', () => {
    const rgb = Uint8Array.from({ length: 4 * 2 * 3 }, (_, i) => (Math.floor(i / 3) % 2 === 0 ? 10 : 20));
    expect(shrinkPicture({ width: 4, height: 2, rgb }, 2)).toEqual({ width: 2, height: 1, rgb: new Uint8Array(6).fill(15) });
  });
});

describe('report', () => {
  const full: Report = {
    title: '<b>spec</b>',
    subtitle: 'a & b',
    facts: [['Backend', 'wasm <2>']],
    scores: [score, { ...score, stage: 'all background', role: 'baseline', value: 5.7 }, { ...score, stage: 'gone', value: null }],
    curves: [{ title: 'Loss', x: [0, 1], series: [{ name: '"total"', points: [2, 1] }], xLabel: 'step', yLabel: 'loss' }],
    sweeps: [
      {
        title: 'Seeds',
        thresholds: [0.1, 0.2],
        series: [{ name: 'train', points: [50, 55] }],
        chosen: 0.2,
        chosenOn: 'train',
        yLabel: 'mIoU',
      },
    ],
    perClass: [{ title: 'IoU', classes: ['cat'], series: [{ name: 'seeds', values: [61.5] }] }],
    panels: {
      columns: ['image', 'mask'],
      rows: [{ label: 'a<1', images: [pngDataUri(dot), null], note: '<cat>' }],
      legend: [{ name: 'cat', colour: [64, 0, 0] }],
    },
    notes: ['</style><script>alert(1)</script>'],
  };
  const html = writeReport(full);

  it('fetches nothing and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|https?:/i);
    expect([...html.matchAll(/src="([^"]*)"/g)].every((m) => m[1].startsWith('data:image/png;base64,'))).toBe(true);
    expect(html).toContain("default-src 'none'");
  });

  it('escapes every text it is given', () => {
    for (const text of ['&lt;b&gt;spec', 'a &amp; b', 'wasm &lt;2&gt;', '&quot;total&quot;', 'a&lt;1', '&lt;cat&gt;', '&lt;script&gt;']) {
      expect(html).toContain(text);
    }
  });

  it('shows scores beside their baseline, dashes for what does not exist, and the chosen threshold', () => {
    expect(html).toContain('all background: 5.7');
    expect(html).toContain('55.1<small>mIoU</small>');
    expect(html).toMatch(/gone.*?<td class="n">–<\/td>/s);
    expect(html).toContain('chosen: 0.2');
    expect(html).toContain('20 images · 3 classes');
  });

  it('has balanced elements', () => {
    const open: string[] = [];
    for (const [, close, name, self] of html.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (self === '/' || ['meta', 'img'].includes(name)) continue;
      if (close === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('is the same bytes for the same report, and leaves empty sections out', () => {
    expect(writeReport(full)).toBe(html);
    expect(writeReport(empty)).not.toContain('<h2>');
  });

  it('refuses pictures from elsewhere and rows of another length', () => {
    const rows = (images: string[]) => ({ ...empty, panels: { columns: ['image'], rows: [{ label: 'x', images }] } });
    expect(() => writeReport(rows(['http://example.org/x.png']))).toThrow(/picture 'image' of 'x' is no data:image address/);
    expect(() => writeReport(rows([]))).toThrow(/0 pictures for 1 columns/);
  });
});

describe('scores file', () => {
  it('reads back what it wrote', () => {
    const scores: Score[] = [
      { ...score, protocol: { ...score.protocol, threshold: 0.2, thresholdSource: 'train', scales: [1, 2], other: { view: 'cam' } } },
      { ...score, value: null },
    ];
    expect(parseScores(formatScores(scores), 'scores.json')).toEqual(scores);
    expect(parseScores(formatScores([{ ...score, value: Number.NaN }]), 'x')[0].value).toBeNull();
  });

  it('names the file and every fault', () => {
    expect(() => parseScores('{', 'out/scores.json')).toThrow(/out\/scores.json: not JSON/);
    const bad = JSON.stringify({ version: 1, scores: [{ ...score, value: 'high', extra: 1 }] });
    expect(() => parseScores(bad, 'out/scores.json')).toThrow(
      /\/scores\/0 must NOT have additional properties 'extra'.*\/scores\/0\/value/,
    );
  });

  it('tells in what two scores were measured differently', () => {
    const other: Score = { ...score, split: 'train', protocol: { ...score.protocol, crf: 'none' } };
    expect(protocolDifferences(score, score)).toEqual([]);
    expect(protocolDifferences(score, other)).toEqual(['crf: not stated against "none"', 'split: "val" against "train"']);
  });
});
