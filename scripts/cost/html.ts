import type { Line } from "./bill.ts";
import type { Report } from "./report.ts";

const COLOURS = ["#2f6f4e", "#5b9b76", "#8fc3a3", "#c8a94b", "#b8703a", "#7a5c8e", "#5d7fa3", "#9aa5a0"];
const KINDS: ReadonlyArray<readonly [string, RegExp]> = [
  ["nodes", /^module\.app\./],
  ["database and cache", /^module\.data\./],
  ["load balancer", /^module\.balancer\./],
  ["routers", /^module\.router\./],
  ["network", /^module\.network\./],
  ["keys, logs, alarms", /^module\.(secrets|observability|access|schedules)\./],
  ["account", /^bootstrap\./],
  ["edge", /^(cloudflare|aws)_/],
];

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const usd = (amount: number): string => amount.toFixed(2);

/** A page that stands alone: charts are inline SVG, every line names its address and its price's source. */
export function htmlOf(report: Report): string {
  const { total, limit } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>GreenLeaf: ${usd(total)} USD a month</title><style>${STYLE}</style></head><body>
<h1>${usd(total)} USD a month</h1>
<p>Limit ${limit}, headroom ${usd(limit - total)}. Mean of ${report.year}; prices of ${report.pricesRead}, seen on ${report.asOf}.</p>
${report.warnings.map((warning) => `<p class="warning">${escape(warning)}</p>`).join("\n")}
<h2>Who costs what</h2>
${stackedBars(report)}
<h2>Preprod run otherwise</h2>
${bars(
  report.variants.map(({ name, total }) => ({ name, value: total, note: "" })),
  limit,
)}
<h2>The guide's savings</h2>
${bars(
  report.savings.map((saving) => ({
    name: saving.name,
    value: saving.without - saving.with,
    note: `of ${usd(saving.without)} (guide: ${saving.claim})`,
  })),
)}
${report.environments.map((bill) => table(bill.environment, bill.lines, bill.total)).join("\n")}
<h2>Sources</h2><dl>${Object.entries(report.sources)
    .map(([key, text]) => `<dt>${key}</dt><dd>${escape(text)}</dd>`)
    .join("")}</dl>
</body></html>
`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2b24}
h1{font-size:2rem}h2{margin-top:2rem;font-size:1.15rem}svg{width:100%;height:auto}table{border-collapse:collapse;width:100%;font-size:13px}
td,th{padding:.25rem .5rem;border-bottom:1px solid #dde5e0;text-align:left;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:12px;color:#4a5a52;overflow-wrap:anywhere}.warning{background:#fff3d6;padding:.5rem}dt{font-weight:600;float:left;width:3rem}dd{margin:0 0 .5rem 3rem}`;

function byKind(lines: readonly Line[]): readonly number[] {
  return KINDS.map(([, pattern]) =>
    lines.filter(({ address }) => pattern.test(address)).reduce((sum, line) => sum + line.monthlyUsd, 0),
  );
}

function stackedBars({ environments, limit, total }: Report): string {
  const scale = 700 / Math.max(limit, total);
  const rows = [
    ...environments.map((bill) => ({ name: bill.environment, lines: bill.lines, total: bill.total })),
    { name: "all", lines: environments.flatMap((bill) => bill.lines), total },
  ];
  const drawn = rows.map(({ name, lines, total }, index) => {
    let x = 90;
    const parts = byKind(lines).map((value, kind) => {
      const part = `<rect x="${x.toFixed(1)}" y="${index * 44}" width="${(value * scale).toFixed(1)}" height="28" fill="${COLOURS[kind]}"><title>${KINDS[kind]?.[0]}: ${usd(value)}</title></rect>`;
      x += value * scale;
      return part;
    });
    return `<text x="0" y="${index * 44 + 19}">${escape(name)}</text>${parts.join("")}<text x="${(x + 6).toFixed(1)}" y="${index * 44 + 19}">${usd(total)}</text>`;
  });
  const line = 90 + limit * scale;
  const legend = KINDS.map(
    ([name], kind) =>
      `<rect x="${(kind % 4) * 210}" y="${rows.length * 44 + 14 + Math.floor(kind / 4) * 24}" width="14" height="14" fill="${COLOURS[kind]}"/><text x="${(kind % 4) * 210 + 20}" y="${rows.length * 44 + 26 + Math.floor(kind / 4) * 24}">${name}</text>`,
  );
  return `<svg viewBox="0 0 860 ${rows.length * 44 + 66}" role="img" aria-label="cost by environment and kind" font-size="14">${drawn.join("")}<line x1="${line}" x2="${line}" y1="-4" y2="${rows.length * 44}" stroke="#a33" stroke-dasharray="4 3"/>${legend.join("")}</svg>`;
}

function bars(rows: ReadonlyArray<{ name: string; value: number; note: string }>, limit?: number): string {
  if (rows.length === 0) return "<p>No environment it applies to.</p>";
  const scale = 480 / Math.max(limit ?? 0, ...rows.map(({ value }) => value), 1);
  const drawn = rows.map(
    ({ name, value, note }, index) =>
      `<text x="0" y="${index * 52 + 14}">${escape(name)}</text><rect x="0" y="${index * 52 + 20}" width="${Math.max(0, value * scale).toFixed(1)}" height="14" fill="${COLOURS[0]}"/><text x="${(Math.max(0, value * scale) + 6).toFixed(1)}" y="${index * 52 + 32}" font-size="12">${usd(value)} ${escape(note)}</text>`,
  );
  return `<svg viewBox="0 0 1000 ${rows.length * 52}" role="img" font-size="14">${drawn.join("")}</svg>`;
}

function table(name: string, lines: readonly Line[], total: number): string {
  const rows = lines
    .toSorted((a, b) => b.monthlyUsd - a.monthlyUsd)
    .map(
      (line) =>
        `<tr><td>${escape(line.item)}<br><code>${escape(line.address)}</code></td><td class="n">${line.quantity.toFixed(2)} ${escape(line.unit)}</td><td class="n">${line.unitUsd}</td><td>${line.source}</td><td class="n">${usd(line.monthlyUsd)}</td></tr>`,
    );
  return `<h2>${escape(name)}: ${usd(total)}</h2><table><tr><th>item</th><th>a month</th><th>USD each</th><th>source</th><th>USD</th></tr>${rows.join("")}</table>`;
}
