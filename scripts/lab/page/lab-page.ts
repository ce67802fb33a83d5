import type { LabView, RouterView } from "../lab-view.ts";

/** Everything a browser is given is made here: nothing from outside is loaded, and nothing runs that is not PAGE_SCRIPT. */
export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GreenLeaf: two routers in a lab</title>
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
<noscript><meta http-equiv="refresh" content="0; url=/picture"></noscript>
</head>
<body>
<main aria-live="off">looking …</main>
<footer><p id="age" role="status"></p>
<p>Break one thing from a terminal: <code>sudo ./greenleaf lab vpc break</code> lists what there is.</p></footer>
</body>
</html>
`;

/** Asks again when the answer is there, so that a slow lab is not asked twice at once. */
export const PAGE_SCRIPT = `"use strict";
const main = document.querySelector("main");
const age = document.querySelector("#age");
let seen = Date.now();
async function turn() {
  try {
    const answer = await fetch("/picture", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (main.dataset.last !== text) main.innerHTML = text;
    main.dataset.last = text;
    seen = Date.now();
    age.textContent = "live";
  } catch {
    age.textContent = "the lab has not answered for " + Math.round((Date.now() - seen) / 1000) + " s";
  }
  setTimeout(turn, 400);
}
turn();
`;

export const PAGE_STYLE = `:root{color-scheme:light dark;--bg:#f6f8f5;--card:#fff;--ink:#17241b;--dim:#52645a;--line:#d9e2da;--good:#17693a;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#0f1712;--card:#18231c;--ink:#e6efe8;--dim:#a3b5a8;--line:#2c3b31;--good:#6fd394;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main,footer{max-width:44rem;margin:0 auto;padding:.75rem}
svg{display:block;width:100%;height:auto;font:600 13px system-ui,sans-serif}
svg text{fill:var(--ink)}svg .dim{fill:var(--dim);font-weight:400}
svg rect{fill:var(--card);stroke:var(--line);stroke-width:1.5}svg .dead rect{stroke:var(--bad)}svg .alive rect{stroke:var(--good)}
svg path{fill:none;stroke:var(--good);stroke-width:2.5}svg path.away{stroke:var(--bad);stroke-dasharray:6 5}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem;margin:.75rem 0}
h2{font-size:1rem;margin:0 0 .25rem}p{margin:.2rem 0;overflow-wrap:anywhere}
.good{color:var(--good)}.bad{color:var(--bad)}.dim,footer{color:var(--dim)}
code{overflow-wrap:anywhere}
`;

/** What changes: a drawing, and the same in words. */
export function pictureHtml(view: LabView): string {
  const leaked = `<p class="${view.leaked === 0 ? "good" : "bad"}">private packets stopped at the gateway: ${view.leaked}</p>`;
  return `${drawing(view)}<section><h2>Zones</h2>${view.zones.map(zoneLine).join("")}${leaked}</section>${view.routers.map(card).join("")}`;
}

const zoneLine = ({ name, range, owner }: LabView["zones"][number]): string =>
  `<p>${escaped(name)} <span class="dim">${escaped(range)}</span> → <b class="${owner === undefined ? "bad" : "good"}">${escaped(owner ?? "nobody")}</b></p>`;

/** Zones to the left, routers in the middle, the internet to the right; one line a zone, red where its own router is not the owner. */
function drawing({ zones, routers }: LabView): string {
  const at = (index: number) => 20 + index * 110;
  const box = (x: number, y: number, lines: readonly string[], kind = "") =>
    `<g class="${kind}"><rect x="${x}" y="${y}" width="122" height="62" rx="9"/>${lines.map((line, row) => `<text x="${x + 10}" y="${y + 25 + row * 22}"${row > 0 ? ' class="dim"' : ""}>${escaped(line)}</text>`).join("")}</g>`;
  const ways = zones.flatMap(({ owner }, index) => {
    const to = routers.findIndex(({ name }) => name === owner);
    if (to === -1) return [];
    const kind = to === index ? "" : ' class="away"';
    return [`<path${kind} d="M130 ${at(index) + 31} C160 ${at(index) + 31} 160 ${at(to) + 31} 190 ${at(to) + 31}"/>`];
  });
  const out = routers.flatMap(({ status }, index) =>
    status?.probe.isProven === true
      ? [`<path d="M312 ${at(index) + 31} C335 ${at(index) + 31} 335 106 355 106"/>`]
      : [],
  );
  const title = zones.map(({ name, owner }) => `${name} by ${owner ?? "nobody"}`).join(", ");
  return `<svg viewBox="0 0 490 212" role="img" aria-label="${escaped(title)}">${[...ways, ...out].join("")}${zones
    .map(({ name, range }, index) => box(8, at(index), [name, range]))
    .join("")}${routers
    .map(({ name, publicAddress, agent }, index) =>
      box(190, at(index), [name, publicAddress], agent === "alive" ? "alive" : "dead"),
    )
    .join("")}${box(355, 75, ["internet", "198.51.100.0/24"])}</svg>`;
}

function card({ name, agent, status, address, publicAddress, flows }: RouterView): string {
  const head = `<h2>${escaped(name)} <span class="dim">${escaped(address)} as ${escaped(publicAddress)}</span></h2>`;
  const line = (text: string, kind = "") => `<p${kind === "" ? "" : ` class="${kind}"`}>${escaped(text)}</p>`;
  const count = line(`${flows} flows in its kernel`);
  if (status === undefined) return `<section>${head}${line(`its agent: ${agent}`, "bad")}${count}</section>`;
  const { probe, peer, zones, event, since, repairs, returning } = status;
  const served = zones.filter(({ isServed }) => isServed).map((zone) => zone.name);
  return `<section>${head}${[
    line(`serves ${served.join(" and ") || "no zone"}`, served.length > 0 ? "good" : "dim"),
    probe.isProven
      ? line(`its way out answered in ${probe.ms} ms`, "good")
      : line(`its way out is not proven: ${probe.why ?? ""}`, "bad"),
    line(`the other router: ${peer?.state ?? "none"}`),
    count,
    ...(repairs === undefined
      ? []
      : [line(`put back ${repairs.count} times what others changed, last: ${repairs.last}`)]),
    ...(returning === undefined ? [] : [line(`changed again and again: ${returning.what}`, "bad")]),
    line(`${event} (${since})`, "dim"),
  ].join("")}</section>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => ESCAPES[each] ?? each);
