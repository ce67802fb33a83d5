import type { Line } from "./bill.ts";
import type { Report } from "./report.ts";

const SHOWN_FROM_USD = 0.5;
const WIDTH = 58;

const usd = (amount: number): string => amount.toFixed(2).padStart(9);
const row = (name: string, amount: number, note = ""): string =>
  `  ${shorten(name).padEnd(WIDTH)} ${usd(amount)}  ${note}`.trimEnd();
const shorten = (name: string): string => (name.length <= WIDTH ? name : `${name.slice(0, WIDTH - 1)}…`);
const place = (address: string): string => address.replaceAll(/module\./g, "").replaceAll(/aws_|\.this(?=$|\[)/g, "");

/** The bill as a person reads it on a terminal: what is large by name, the rest in one line. */
export function tableOf(report: Report): string {
  const { total, limit, headroom } = report;
  return [
    `Monthly cost in USD, mean of ${report.year}, prices of ${report.pricesRead}`,
    ...report.environments.flatMap(({ environment, from, lines, total }) => [
      "",
      `${environment}  (${from})`,
      ...environmentRows(lines),
      row("", total, environment),
    ]),
    "",
    row("total", total, `limit ${limit}`),
    row(headroom >= 0 ? "headroom" : "OVER THE LIMIT", headroom),
    row(`with ${report.withTax.rate * 100} % VAT, where you pay it`, report.withTax.total),
    "",
    "largest lines",
    ...report.largest.map((line) => row(`${line.environment}: ${line.item}`, line.monthlyUsd, place(line.address))),
    ...(report.variants.length === 0 ? [] : ["", "the total, were preprod run otherwise"]),
    ...report.variants.map(({ name, total }) => row(name, total)),
    ...(report.busier.length === 0 ? [] : ["", "the total, were production busier"]),
    ...report.busier.map(({ name, total }) => row(name, total)),
    ...(report.savings.length === 0
      ? []
      : ["", "the guide's savings                                  saved, and of what"]),
    ...report.savings.map((saving) => row(saving.name, saving.without - saving.with, savedOf(saving))),
    ...report.warnings.map((warning) => `\nwarning: ${warning}`),
  ].join("\n");
}

function savedOf({ without, with: now, claim }: Report["savings"][number]): string {
  const share = without === 0 ? 0 : ((without - now) / without) * 100;
  return `${share.toFixed(1)} % of ${without.toFixed(2)} (guide: ${claim})`;
}

function environmentRows(lines: readonly Line[]): string[] {
  const large = lines.filter((line) => line.monthlyUsd >= SHOWN_FROM_USD);
  const small = lines.filter((line) => line.monthlyUsd < SHOWN_FROM_USD);
  return [
    ...large
      .toSorted((a, b) => b.monthlyUsd - a.monthlyUsd)
      .map((line) => row(line.item, line.monthlyUsd, `${place(line.address)} [${line.source}]`)),
    ...(small.length === 0
      ? []
      : [
          row(
            `${small.length} smaller lines (--json names them)`,
            small.reduce((sum, line) => sum + line.monthlyUsd, 0),
          ),
        ]),
  ];
}
