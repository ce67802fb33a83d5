import { inviteMail, resetMail, welcomeMail } from "./account-mail.ts";
import type { Due } from "./due.ts";
import type { Office } from "./office.ts";
import { canceledMail, placedMail, refundedMail, shippedMail } from "./order-mail.ts";
import { returnMail } from "./return-mail.ts";

type Write = (data: Record<string, unknown>, office: Office) => Promise<Due[]>;

/** Medusa's events that somebody is written to about. */
const WRITERS: Readonly<Record<string, Write>> = {
  "order.placed": placedMail,
  "order.canceled": canceledMail,
  "order.return_requested": returnMail("requested"),
  "order.return_received": returnMail("received"),
  "shipment.created": shippedMail,
  "payment.refunded": refundedMail,
  "customer.created": welcomeMail,
  "auth.password_reset": resetMail,
  "invite.created": inviteMail,
  "invite.resent": inviteMail,
};

export const EVENTS: string[] = Object.keys(WRITERS);

/** The letters an event asks for now; none for what has gone meanwhile. */
export async function lettersFor(event: string, data: Record<string, unknown>, office: Office): Promise<Due[]> {
  return (await WRITERS[event]?.(data, office)) ?? [];
}
