import type { SubscriberArgs, SubscriberConfig } from "@medusajs/framework";
import { readSettings } from "../environment.ts";
import { deliver } from "../mail/deliver.ts";
import { EVENTS, lettersFor } from "../mail/letters-for.ts";
import { openOffice } from "../mail/open-office.ts";
import { openOutbox } from "../mail/outbox.ts";

const { mail } = readSettings(process.env).settings;

export const config: SubscriberConfig = { event: EVENTS, context: { subscriberId: "greenleaf-send-mail" } };

/** Writes to whom an event concerns. What it throws brings the event back later (jobOptions of medusa-config.ts). */
// oxlint-disable-next-line import/no-default-export -- Medusa loads a subscriber by its default export.
export default async function sendMail({ event, container }: SubscriberArgs<Record<string, unknown>>): Promise<void> {
  if (mail === undefined) return;
  const outbox = openOutbox(container);
  for (const due of await lettersFor(event.name, event.data, openOffice(container, mail))) await deliver(due, outbox);
}
