import type { LiveStatus } from "./answers.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { safe } from "./safe.ts";
import { trafficPicture } from "./traffic-picture.ts";

/** Seconds between two loads of the page. */
const REFRESH = 5;

/** The node at a glance, for people: one self-contained page without script. */
export function pageHtml(live: LiveStatus): string {
  const { boot } = live;
  const node = boot?.node;
  const title = node ? `${node.project} · ${node.environment} · ${node.role}` : "GreenLeaf node";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH}">
<meta name="color-scheme" content="light dark">
<title>${word(live)} · ${safe(title)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${header(live, title)}
${reasons(live)}
${facts(live)}
${trafficPicture(live.traffic)}
${containers(live)}
${phases(live)}
${history(live)}
${events(live)}
</main>
</body>
</html>
`;
}

// While a boot runs or a drain does, that is the word; else what /healthz says decides.
function word({ boot, health, draining, crashLoops }: LiveStatus): string {
  if (draining !== null) return "draining";
  if (health.status === "unhealthy") return boot?.verdict === "booting" ? "booting" : "unhealthy";
  return health.status === "degraded" || boot?.verdict === "degraded" || crashLoops.length > 0 ? "degraded" : "ready";
}

function header(live: LiveStatus, title: string): string {
  return `<header><p class="verdict ${word(live)}" role="status">${word(live)}</p><h1>${safe(title)}</h1></header>`;
}

function reasons({ health, boot, crashLoops }: LiveStatus): string {
  const lines = crashLoops.map(
    ({ service, lines }) => `<p><b>Ends again and again:</b> ${safe(service)}</p><pre>${safe(lines)}</pre>`,
  );
  if (health.status !== "ok") lines.push(`<p><b>Health:</b> ${safe(health.reason)}</p>`);
  if (boot?.reason) {
    const fix = boot.reason.fix === undefined ? "" : `<br><b>Fix:</b> ${safe(boot.reason.fix)}`;
    lines.push(`<p><b>Boot:</b> ${safe(boot.reason.what)}<br><b>Why:</b> ${safe(boot.reason.why)}${fix}</p>`);
  }
  return lines.length === 0 ? "" : `<section class="reasons" aria-label="Reasons">${lines.join("")}</section>`;
}

function facts({ boot, uptimeSeconds, agent }: LiveStatus): string {
  const rows: Array<[string, string | undefined]> = [
    ["Release", boot?.release],
    ["Last boot", boot ? `${boot.verdict}, ${boot.updated}` : "never"],
    ["Agent", `${agent}, up ${duration(uptimeSeconds)}`],
    ["Instance", boot?.node?.instanceId && `${boot.node.instanceId} in ${boot.node.zone}`],
    [
      "Lifecycle hook",
      boot?.hook && `${boot.hook.name}: ${boot.hook.result}${boot.hook.delivered ? "" : " (not delivered)"}`,
    ],
    ["Interrupted", boot?.interrupted && `the boot of ${boot.interrupted.started}`],
  ];
  const shown = rows.filter((row): row is [string, string] => Boolean(row[1]));
  return `<dl>${shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${safe(value)}</dd></div>`).join("")}</dl>`;
}

function containers({ containers }: LiveStatus): string {
  const rows = containers.map(({ name, service, health, status }) => [
    `<th scope="row">${safe(service)}</th>`,
    `<td><span class="dot ${health}"></span>${health}</td>`,
    `<td>${safe(status)}</td>`,
    `<td class="dim">${safe(name)}</td>`,
  ]);
  return table("Containers", ["Service", "Health", "State", "Name"], rows);
}

function phases({ boot }: LiveStatus): string {
  const rows = (boot?.phases ?? []).map(({ name, attempts, ms, operations, error }) => [
    `<th scope="row">${safe(name)}</th>`,
    `<td><span class="dot ${error ? "unhealthy" : "healthy"}"></span>${error ? safe(error.what) : "done"}</td>`,
    `<td class="number">${ms === undefined ? "" : `${(ms / 1000).toFixed(2)} s`}</td>`,
    `<td class="number">${operations ?? ""}</td>`,
    `<td class="number">${attempts}</td>`,
  ]);
  return table("Last boot", ["Phase", "Result", "Duration", "Operations", "Attempts"], rows);
}

function history({ history }: LiveStatus): string {
  const rows = history.map(({ at, what, by, from, to, result, code }) => [
    `<th scope="row"><time datetime="${safe(at)}">${safe(at.slice(0, 16).replace("T", " "))}</time></th>`,
    `<td>${what}${by === undefined ? "" : ` by ${safe(by)}`}</td>`,
    `<td>${safe([from === to ? undefined : from, to].filter((id) => id !== undefined).join(" → "))}</td>`,
    `<td>${safe(result)}${code === undefined ? "" : ` (${safe(code)})`}</td>`,
  ]);
  return table("What changed this node (UTC)", ["When", "What", "Release", "Result"], rows);
}

function events({ events }: LiveStatus): string {
  const rows = events.map(({ at, text }) => `<li><time datetime="${at}">${at.slice(11, 19)}</time> ${safe(text)}</li>`);
  return `<section><h2>Events (UTC)</h2><ol class="events">${rows.join("") || "<li>none yet</li>"}</ol></section>`;
}

function table(caption: string, heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  const none = `<tr><td colspan="${heads.length}" class="dim">none</td></tr>`;
  const body = rows.map((cells) => `<tr>${cells.join("")}</tr>`).join("") || none;
  return `<section><h2>${caption}</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div></section>`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
