import type { FakedCall } from "./fakes.ts";
import { queryXml } from "./xml.ts";

const TEXT_DATE = "moto says a date as text, which the provider cannot read";

// "CreatedDate": "2026-11-22 19:48:10+00:00" becomes seconds since 1970.
const dates = (body: string): string =>
  body.replaceAll(/"(CreatedDate|LastModifiedDate)":\s*"([^"]+)"/g, (_, name: string, date: string) => {
    return `"${name}": ${Date.parse(date.replace(" ", "T")) / 1000}`;
  });

export const DOCUMENTS: Readonly<Record<string, FakedCall>> = {
  "ssm:CreateDocument": { why: TEXT_DATE, fix: dates },
  "ssm:DescribeDocument": { why: TEXT_DATE, fix: dates },
  "ssm:UpdateDocument": { why: TEXT_DATE, fix: dates },
  "ssm:GetDocument": { why: TEXT_DATE, fix: dates },
  "elasticloadbalancing:DescribeCapacityReservation": {
    why: "moto 5.1 has no such call",
    answer: (call) => ({ xml: queryXml(call.action, "<CapacityReservationState/>") }),
  },
};
