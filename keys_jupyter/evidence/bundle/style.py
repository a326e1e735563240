"""How a report looks on a screen and on paper: one style sheet, no pictures, no fonts to load."""

STYLE = """
:root { --ink: #1c2230; --soft: #596274; --line: #d5dae3; --tint: #f4f6f9; --bad: #a1260d; --good: #1d6b3a;
  --warn: #8a5a00; --mark: #22406e; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 "Helvetica Neue", Helvetica, Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 2rem 4rem; }
header { border-top: 6px solid var(--mark); padding-top: 1.2rem; margin-bottom: 1.6rem; }
.kind { text-transform: uppercase; letter-spacing: .12em; font-size: .72rem; color: var(--soft); margin: 0; }
h1 { font: 600 1.6rem/1.2 Georgia, "Times New Roman", serif; margin: .25rem 0 .6rem; }
h2 { font: 600 1.2rem/1.3 Georgia, "Times New Roman", serif; margin: 2.4rem 0 .7rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--ink); }
h2 .no { color: var(--soft); font-weight: 400; margin-right: .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
h4 { font-size: .8rem; margin: .9rem 0 .3rem; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; }
p { margin: .4rem 0; max-width: 48rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .87rem; }
th, td { text-align: left; vertical-align: top; padding: .36rem .6rem .36rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
thead th { font-size: .72rem; text-transform: uppercase; letter-spacing: .05em; color: var(--soft); font-weight: 600;
  border-bottom: 1px solid var(--soft); }
td.wide, th.wide { width: 55%; } td.short, th.short { width: 7.5rem; } td.no, th.no { width: 3rem; }
td.num, th.num { text-align: right; width: 4.5rem; padding-right: 1rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.step { white-space: nowrap; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
table.plain th { width: 11.5rem; font-weight: 400; color: var(--soft); }
code, pre, .hash { font: .82em/1.45 "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.hash { overflow-wrap: anywhere; color: var(--soft); } .hash.whole { white-space: nowrap; }
td.named { min-width: 13.5rem; } td.when { min-width: 5.8rem; }
pre { background: var(--tint); border-left: 3px solid var(--line); padding: .6rem .8rem; margin: .8rem 0 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.state { white-space: nowrap; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .soft { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: 0; border: 1px solid var(--line); margin: 1rem 0; }
.tile { flex: 1 1 6rem; padding: .7rem .75rem; border-right: 1px solid var(--line); }
.tile:last-child { border-right: 0; }
.tile b { display: block; font: 600 1.25rem/1.2 Georgia, serif; white-space: nowrap; }
.tile span { font-size: .76rem; color: var(--soft); }
.note { border-left: 4px solid var(--warn); background: #fdf8ec; padding: .6rem .9rem; margin: .8rem 0; }
.note.bad { border-color: var(--bad); background: #fdf1ee; color: inherit; }
figure { margin: .6rem 0 1.2rem; break-inside: avoid; }
figure img { max-width: 100%; max-height: 34rem; border: 1px solid var(--line); display: block; }
figcaption, .caption { font-size: .78rem; color: var(--soft); margin-top: .3rem; }
.run { border-top: 1px solid var(--line); padding-top: .2rem; margin-top: 1.4rem; }
h2 + .run { border-top: 0; margin-top: 0; }
ol.limits li, ul li { margin: .35rem 0; max-width: 48rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; font-size: .78rem; color: var(--soft); }
@page { size: A4; margin: 18mm 16mm 20mm; }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  h2, h3, h4, p:has(+ table) { break-after: avoid; } tr, li, .tiles { break-inside: avoid; } thead { display: table-header-group; }
  .chapter { break-before: page; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
