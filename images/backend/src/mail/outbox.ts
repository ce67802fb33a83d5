import type { INotificationModuleService, MedusaContainer } from "@medusajs/framework/types";
import { Modules } from "@medusajs/framework/utils";
import type { Kept, Outbox } from "./deliver.ts";

/** Medusa has this method and does not list it in its types. */
type Notifications = INotificationModuleService & { deleteNotifications: (ids: string[]) => Promise<unknown> };

/** Longer than a mail server may take to answer. */
const TURN_S = 120;

export function openOutbox(container: MedusaContainer): Outbox {
  const notifications = container.resolve(Modules.NOTIFICATION) as Notifications;
  const locking = container.resolve(Modules.LOCKING);
  return {
    inTurn: (key, work) => locking.execute(`greenleaf:mail:${key}`, () => work(), { timeout: TURN_S }),
    kept: async (key) => {
      const filters = { idempotency_key: key } as Parameters<Notifications["listNotifications"]>[0];
      const found: unknown = await notifications.listNotifications(filters, { select: ["id", "status"] });
      return found as Kept[];
    },
    forget: (ids) => notifications.deleteNotifications(ids),
    send: ({ key, to, template, resource, letter }) =>
      notifications.createNotifications({
        to,
        channel: "email",
        template,
        // Medusa keeps none of it: a letter may hold a link that opens an account.
        content: letter,
        provider_data: { key },
        idempotency_key: key,
        resource_id: resource?.id ?? null,
        resource_type: resource?.type ?? null,
      }),
  };
}
