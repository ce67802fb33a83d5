/** Colours keep 4.5:1 against their ground in both schemes; the word beside each dot says the same as its colour. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#f6f8f5;--card:#fff;--ink:#17241b;--dim:#52645a;--line:#d9e2da;--good:#17693a;--warn:#8a5200;--bad:#b3261e;--calm:#1f5f8b}
@media (prefers-color-scheme:dark){:root{--bg:#0f1712;--card:#18231c;--ink:#e6efe8;--dim:#a3b5a8;--line:#2c3b31;--good:#6fd394;--warn:#f0b35b;--bad:#ff8a80;--calm:#82c4f2}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;margin-bottom:1rem}
h1{font-size:1.25rem;margin:0;font-weight:600}
h2{font-size:1rem;margin:0 0 .5rem;font-weight:600}
.verdict{margin:0;padding:.25rem 1rem;border:2px solid currentColor;border-radius:2rem;font-size:1.25rem;font-weight:700;text-transform:capitalize}
.ready{color:var(--good)}.degraded,.booting{color:var(--warn)}.unhealthy{color:var(--bad)}.draining{color:var(--calm)}
section,dl{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem;margin:0 0 1rem}
.reasons{border-left:.35rem solid var(--warn)}.reasons p{margin:.25rem 0;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem}
dt{color:var(--dim);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border:0;color:var(--dim);font-size:.85rem;font-weight:500}tbody th{font-weight:600}
.number{font-variant-numeric:tabular-nums;white-space:nowrap}.dim,time{color:var(--dim)}
.dot{display:inline-block;width:.6rem;height:.6rem;border-radius:50%;margin-right:.5rem;background:var(--bad);vertical-align:baseline}
.dot.healthy,.dot.unchecked{background:var(--good)}.dot.starting{background:var(--warn)}
figure{margin:0}figcaption p{margin:.35rem 0 0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}.signs{display:none}
svg{display:block;width:100%;height:6rem;border-bottom:1px solid var(--line)}
.requests{fill:var(--good)}.errors{fill:var(--bad)}.release0{fill:var(--calm)}.release1{fill:var(--warn)}
.change{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:3 3;vector-effect:non-scaling-stroke}
.events{list-style:none;margin:0;padding:0;max-height:18rem;overflow-y:auto}
.events li{padding:.15rem 0;overflow-wrap:anywhere}time{font-variant-numeric:tabular-nums;margin-right:.5rem}
`;
