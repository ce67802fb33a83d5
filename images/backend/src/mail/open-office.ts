import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import type { Mail } from "../mail-environment.ts";
import type { Language } from "./language.ts";
import type { Asked, Office } from "./office.ts";

export function openOffice(container: MedusaContainer, mail: Mail): Office {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const find = async <Row>(entity: string, { fields, filters }: Asked) => {
    const { data } = await query.graph({ entity, fields: [...fields], filters } as Parameters<typeof query.graph>[0]);
    return data[0] as Row | undefined;
  };
  const sheet = async (language: Language) => {
    const store = await find<{ name: string }>("store", { fields: ["name"], filters: {} });
    return { shop: store?.name ?? "GreenLeaf", shopUrl: mail.shopUrl, language };
  };
  return { mail, sheet, find };
}
