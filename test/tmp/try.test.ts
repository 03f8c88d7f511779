import { existsSync, readFileSync } from 'node:fs';
import { test } from 'vitest';
import { checkFile } from '/work/main/compiler/check/check.ts';
import { Diagnostics } from '/work/main/compiler/diagnostics/diagnostics.ts';
import { render } from '/work/main/compiler/diagnostics/render.ts';

const host = {
  read: (n: string) => {
    const p = n.startsWith('std/') ? `/work/main/specs/${n}` : n;
    return existsSync(p) ? readFileSync(p, 'utf8') : undefined;
  },
};
test.each((process.env.FILES ?? 'specs/methods/sipe.wsss').split(','))('%s', (f) => {
  const d = new Diagnostics();
  const t = performance.now();
  const r = checkFile(host, `/work/main/${f}`, d);
  console.log(
    f,
    (performance.now() - t).toFixed(0),
    'ms',
    r &&
      [...r.methods].map(
        ([n, m]) =>
          `${n}: ${m.forward.graph.nodes.length} nodes, ${m.states.size} states, infer ${m.infer.map((i) => i.name + ':' + i.graph.nodes.length)}, groups ${m.train?.optimizer.groups.map((g) => g.name + '=' + g.keys.length)}, stages ${m.pipeline?.stages.length}`,
      ),
  );
  console.log(
    d.all
      .slice(0, 12)
      .map((x) => render(x))
      .join('\n\n'),
  );
});
