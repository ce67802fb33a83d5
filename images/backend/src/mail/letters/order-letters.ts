import { shopLink } from "../language.ts";
import { type Letter, type Part, writeLetter } from "../letter.ts";
import { day, greeting, money, type Sheet, say } from "./wording.ts";

export type OrderLine = { name: string; quantity: number; total: number };

/** An order as its letters tell it; amounts include VAT unless they are named otherwise. */
export type OrderFacts = {
  number: number;
  placedAt: string | Date;
  currency: string;
  firstName: string | undefined;
  lines: readonly OrderLine[];
  delivery: { name: string; total: number } | undefined;
  discount: number;
  vat: number;
  total: number;
  /** The lines of an address label. */
  address: readonly string[];
};

export type Shipment = { lines: readonly Omit<OrderLine, "total">[]; tracking: readonly Tracking[] };
type Tracking = { number: string; url: string | undefined };

export function orderPlaced(order: OrderFacts, sheet: Sheet): Letter {
  const { language } = sheet;
  const total = money(language, order.total, order.currency);
  return orderLetter(order, sheet, "placedSubject", [
    say(language, "placed", { number: order.number, date: day(language, order.placedAt) }),
    { rows: amounts(order, sheet) },
    say(language, "sendTo", { address: order.address.join("\n") }),
    say(language, "placedPay", { total }),
    { link: say(language, "imprint"), to: page(sheet, "/pages/imprint") },
    { link: say(language, "findOrder"), to: page(sheet, "/order") },
  ]);
}

export function orderShipped(order: OrderFacts, shipment: Shipment, sheet: Sheet): Letter {
  const { language } = sheet;
  return orderLetter(order, sheet, "shippedSubject", [
    say(language, "shipped", { number: order.number }),
    shipment.lines.map(({ name, quantity }) => `${quantity} × ${name}`).join("\n"),
    ...shipment.tracking.flatMap(({ number, url }): Part[] => [
      say(language, "trackingNumber", { number }),
      ...(url === undefined ? [] : [{ link: say(language, "tracking"), to: url }]),
    ]),
  ]);
}

export function orderCanceled(order: OrderFacts, sheet: Sheet): Letter {
  const total = money(sheet.language, order.total, order.currency);
  return orderLetter(order, sheet, "canceledSubject", [
    say(sheet.language, "canceled", { number: order.number, total }),
    contact(sheet),
  ]);
}

export function orderRefunded(order: OrderFacts, amount: number, sheet: Sheet): Letter {
  const paidBack = money(sheet.language, amount, order.currency);
  return orderLetter(order, sheet, "refundedSubject", [
    say(sheet.language, "refunded", { number: order.number, amount: paidBack }),
    contact(sheet),
  ]);
}

export type ReturnStage = "requested" | "received";

const RETURN_TEXTS = {
  requested: ["returnSubject", "returnAsked", "returnNext"],
  received: ["returnHereSubject", "returnHere", "returnRefund"],
} as const;

export function orderReturn(order: OrderFacts, stage: ReturnStage, lines: Shipment["lines"], sheet: Sheet): Letter {
  const [subject, begins, ends] = RETURN_TEXTS[stage];
  return orderLetter(order, sheet, subject, [
    say(sheet.language, begins, { number: order.number }),
    lines.map(({ name, quantity }) => `${quantity} × ${name}`).join("\n"),
    say(sheet.language, ends),
    { link: say(sheet.language, "returnsPage"), to: page(sheet, "/pages/returns") },
    contact(sheet),
  ]);
}

type Subject =
  | (typeof RETURN_TEXTS)[ReturnStage][0]
  | "placedSubject"
  | "shippedSubject"
  | "canceledSubject"
  | "refundedSubject";

function orderLetter(order: OrderFacts, sheet: Sheet, subject: Subject, parts: readonly Part[]): Letter {
  const { language, shop } = sheet;
  return writeLetter({
    language,
    subject: say(language, subject, { number: order.number, shop }),
    title: shop,
    parts: [greeting(language, order.firstName), ...parts],
  });
}

/** Each line as it was bought, then what the law wants of a bill: net, VAT, gross. */
function amounts(order: OrderFacts, { language }: Sheet): [string, string][] {
  const { lines, delivery, discount, vat, total, currency } = order;
  const row = (label: string, amount: number): [string, string] => [label, money(language, amount, currency)];
  return [
    ...lines.map((line) => row(`${line.quantity} × ${line.name}`, line.total)),
    ...(delivery === undefined ? [] : [row(say(language, "delivery", { name: delivery.name }), delivery.total)]),
    ...(discount === 0 ? [] : [row(say(language, "discount"), -discount)]),
    row(say(language, "net"), total - vat),
    row(say(language, "vat"), vat),
    row(say(language, "total"), total),
  ];
}

const page = ({ shopUrl, language }: Sheet, path: string): string => shopLink(shopUrl, language, path);

const contact = (sheet: Sheet): Part => ({
  link: say(sheet.language, "contact"),
  to: page(sheet, "/pages/contact"),
});
