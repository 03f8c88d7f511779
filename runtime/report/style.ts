/** The style sheet of a report: light and dark by the reader's setting, one column on a phone, light on paper. No fonts or files are loaded. */
export const STYLE = `
:root{--page:#f6f7f9;--card:#fff;--text:#1c2430;--soft:#5b6675;--line:#dfe3e9;--accent:#0b62b0;--tint:#e4eef8;--track:#eef1f5;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#a8528a;--c4:#b07d00;--c5:#3b8fc4;--c6:#7a5c3e;--c7:#5f6b7a}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b212a;--text:#e6eaf0;--soft:#9aa6b5;--line:#323b48;--accent:#6fb4f2;--tint:#1f3347;--track:#262e39;
--c0:#56a8e8;--c1:#f08a4b;--c2:#37c898;--c3:#d98cbf;--c4:#e3b341;--c5:#8cc8f0;--c6:#c4a27f;--c7:#aab4c0}}
@media print{:root{--page:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--accent:#0b62b0;--tint:#eef3f8;--track:#eee;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#a8528a;--c4:#b07d00;--c5:#3b8fc4;--c6:#7a5c3e;--c7:#5f6b7a}}
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 18px 56px}
h1{font-size:1.75rem;line-height:1.2;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:34px 0 12px}
h3{font-size:.95rem;margin:0 0 8px;overflow-wrap:anywhere}
p{margin:0}
.subtitle{color:var(--soft);margin-top:6px;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;break-inside:avoid;min-width:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:20px}
.tile .name{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
.tile .number{font-size:1.9rem;font-weight:650;line-height:1.15;font-variant-numeric:tabular-nums}
.tile .number small{font-size:.95rem;font-weight:500;color:var(--soft);margin-left:3px}
.tile .beside{color:var(--soft);font-size:.8rem}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:8px 24px;margin:0}
.facts div{min-width:0}
.facts dt{color:var(--soft);font-size:.8rem}
.facts dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table.scores{border-collapse:collapse;width:100%;font-size:.92rem}
.scores th{font-weight:600;color:var(--soft);font-size:.8rem}
.scores th,.scores td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
.scores tr:last-child td{border-bottom:0}
.scores .n{white-space:nowrap;font-variant-numeric:tabular-nums;font-weight:600;min-width:118px}
.scores .meter{display:inline-block;vertical-align:middle;width:60px;height:7px;border-radius:4px;background:var(--track);margin-left:10px;overflow:hidden}
.scores .meter i{display:block;height:100%;background:var(--c0);border-radius:4px}
.scores .protocol{color:var(--soft);font-size:.82rem;min-width:200px}
.scores .baseline td,.scores .oracle td{color:var(--soft)}
.scores .baseline .n,.scores .oracle .n{font-weight:500}
.scores .baseline .meter i,.scores .oracle .meter i{background:var(--c7)}
.tag{display:inline-block;font-size:.72rem;border:1px solid var(--line);border-radius:20px;padding:0 7px;color:var(--soft);margin-left:6px;white-space:nowrap}
.grid2{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:14px;align-items:start}
svg.chart{display:block;width:100%;height:auto}
.chart text{fill:var(--text);font-family:inherit;font-size:11px}
.chart .tick,.chart .value{fill:var(--soft);font-size:10.5px;font-variant-numeric:tabular-nums}
.chart .value{font-size:8.5px}
.chart .class{font-size:11px}
.chart .label{fill:var(--soft)}
.chart .grid{stroke:var(--line);fill:none;stroke-width:.8}
.chart .axis{stroke:var(--soft);fill:none;stroke-width:1}
.chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.chart .target{fill:transparent}
.chart .target:hover{fill:var(--text);fill-opacity:.12}
.chart .mark{stroke:var(--text);stroke-width:1.2;stroke-dasharray:3 3;fill:none}
.chart .mark-label{font-weight:600;paint-order:stroke;stroke:var(--card);stroke-width:3px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0 0;padding:0;list-style:none;font-size:.82rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{flex:none}
.legend .patch{width:12px;height:12px;border-radius:3px;border:1px solid var(--line);flex:none}
.caption{color:var(--soft);font-size:.8rem;margin-top:6px}
.panels{display:grid;gap:14px}
.row{display:grid;gap:6px;break-inside:avoid}
.row .images{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:6px}
.row figure{margin:0;min-width:0}
.row figcaption{color:var(--soft);font-size:.72rem;line-height:1.25;margin-top:3px;text-align:center;overflow-wrap:anywhere}
.row img{display:block;width:100%;height:auto;border-radius:4px;background:var(--track)}
.row img.crisp{image-rendering:pixelated}
.row .empty{aspect-ratio:1;border:1px dashed var(--line);border-radius:4px}
.row .name{font-size:.85rem;overflow-wrap:anywhere}
.row .name span{color:var(--soft)}
.notes{margin:0;padding-left:20px}
.notes li{margin:4px 0;overflow-wrap:anywhere}
@media (min-width:900px){.panels{grid-template-columns:1fr 1fr;gap:20px 28px}}
@media (max-width:620px){main{padding:20px 12px 40px}.card{padding:12px}.row .images{gap:3px}
table.scores thead{display:none}table.scores,.scores tbody,.scores tr,.scores td{display:block}
.scores td:nth-child(2),.scores td:nth-child(3),.scores td:nth-child(4){display:inline-block;margin-right:10px}.scores td:first-child{font-weight:600}
.scores tr{padding:8px 0;border-bottom:1px solid var(--line)}.scores tr:last-child{border-bottom:0}.scores td{border:0;padding:1px 0}}
@media print{body{font-size:11pt}main{padding:0;max-width:none}.tiles{grid-template-columns:repeat(4,1fr)}
.panels{grid-template-columns:1fr 1fr}.card{border-color:#ccc}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
${Array.from({ length: 8 }, (_, i) => `.line.s${i}{stroke:var(--c${i})}.dot.s${i},.bar.s${i}{fill:var(--c${i})}`).join('\n')}
.line.s1{stroke-dasharray:7 3}.line.s2{stroke-dasharray:2 3}.line.s3{stroke-dasharray:9 3 2 3}.line.s5{stroke-dasharray:5 2}.line.s6{stroke-dasharray:1 3}
`.trim();
