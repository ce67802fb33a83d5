import { SLICE_MS, type TrafficSlice } from "../../core/node/recent-traffic.ts";
import { safe } from "./safe.ts";

const WIDTH = 4;
const HEIGHT = 60;
/** Below the bars: who answered. */
const BAND = 6;
/** A few errors among many requests are seen too. */
const LEAST_ERROR = 6;
/** Slices of one sign in text. */
const PER_SIGN = 3;
const SIGNS = "▁▂▃▄▅▆▇█";

/**
 * Requests, errors and releases of the last minutes, drawn here: the page has no script. A terminal browser, which knows neither
 * SVG nor style, shows the sentences and a line of signs.
 */
export function trafficPicture(slices: readonly TrafficSlice[]): string {
  if (slices.length === 0) return "";
  const said = [summary(slices), releasesIn(slices)].filter((sentence) => sentence !== "");
  return `<section><h2>Requests</h2><figure>${svg(slices, said.join(" "))}
<pre class="signs" aria-hidden="true">${signs(slices)}</pre>
<figcaption>${said.map((sentence) => `<p>${safe(sentence)}</p>`).join("")}</figcaption></figure></section>`;
}

function svg(slices: readonly TrafficSlice[], label: string): string {
  const size = `0 0 ${slices.length * WIDTH} ${HEIGHT + BAND + 2}`;
  const most = Math.max(1, ...slices.map(({ requests }) => requests));
  const share = (count: number) => (count / most) * HEIGHT;
  const requests = bars(slices.map((slice) => share(slice.requests)));
  const errors = bars(slices.map((slice) => (slice.errors === 0 ? 0 : Math.max(LEAST_ERROR, share(slice.errors)))));
  return `<svg viewBox="${size}" preserveAspectRatio="none" role="img" aria-label="${safe(label)}"><path class="requests" d="${requests}"/><path class="errors" d="${errors}"/>${bands(slices)}</svg>`;
}

const bars = (heights: readonly number[]): string =>
  heights
    .map((height, index) =>
      height === 0 ? "" : `M${index * WIDTH} ${HEIGHT}v-${Math.max(1, height).toFixed(1)}h${WIDTH - 1}V${HEIGHT}z`,
    )
    .join("");

/** A stroke for each time that one release answered; it changes its shade, and a line stands where it changed. */
function bands(slices: readonly TrafficSlice[]): string {
  return runsOf(slices)
    .map(({ from, to }, index) => {
      const [x, width] = [from * WIDTH, (to - from) * WIDTH];
      const line = index === 0 ? "" : `<path class="change" d="M${x} 0V${HEIGHT + BAND + 2}"/>`;
      return `<rect class="release${index % 2}" x="${x}" y="${HEIGHT + 2}" width="${width}" height="${BAND}"/>${line}`;
    })
    .join("");
}

interface Run {
  readonly release: string;
  /** Slices, the last of them not among it. */
  readonly from: number;
  readonly to: number;
}

/** Which release answered when; a quiet time is of the one before. */
function runsOf(slices: readonly TrafficSlice[]): Run[] {
  const runs: Run[] = [];
  for (const [index, { release }] of slices.entries()) {
    const last = runs.at(-1);
    const isNew = release !== undefined && release !== last?.release;
    if (isNew) runs.push({ release, from: index, to: index + 1 });
    else if (last !== undefined) runs[runs.length - 1] = { ...last, to: index + 1 };
  }
  return runs;
}

function summary(slices: readonly TrafficSlice[]): string {
  const requests = sum(slices.map((slice) => slice.requests));
  const errors = sum(slices.map((slice) => slice.errors));
  const most = Math.max(...slices.map((slice) => slice.requests)) / (SLICE_MS / 1_000);
  const minutes = Math.max(1, Math.round((slices.length * SLICE_MS) / 60_000));
  const time = minutes === 1 ? "minute" : `${minutes} minutes`;
  return `In the last ${time} ${requests} requests, at most ${most.toFixed(1)} a second; ${errors} failed (500 and more).`;
}

/** Empty where no release is known. */
function releasesIn(slices: readonly TrafficSlice[]): string {
  const [first, ...later] = runsOf(slices).map(({ release, from }) => ({ release, at: slices[from]?.at ?? 0 }));
  if (first === undefined) return "";
  const since = later.map(({ release, at }) => `, since ${new Date(at).toISOString().slice(11, 19)} ${release}`);
  return `Release ${first.release}${since.join("")}.`;
}

/** As high as the bars; an exclamation mark where something failed. */
function signs(slices: readonly TrafficSlice[]): string {
  const groups: TrafficSlice[][] = [];
  for (let index = 0; index < slices.length; index += PER_SIGN) groups.push(slices.slice(index, index + PER_SIGN));
  const counts = groups.map((group) => sum(group.map(({ requests }) => requests)));
  const most = Math.max(1, ...counts);
  return groups
    .map((group, index) => {
      if (group.some(({ errors }) => errors > 0)) return "!";
      const count = counts[index] ?? 0;
      return count === 0 ? "_" : SIGNS[Math.ceil((count / most) * SIGNS.length) - 1];
    })
    .join("");
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
