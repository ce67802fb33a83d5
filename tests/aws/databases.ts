import type { FakedCall } from "./fakes.ts";
import type { Answer, Ask, Call, Mend } from "./stand-in.ts";

const SAME_ID = "moto gives every database the same resource id, by which the provider asks again";

/** A resource id made from the identifier: `greenleaf-dev` becomes `db-GREENLEAFXDEV`. */
const resourceId = (identifier: string): string => `db-${identifier.toUpperCase().replaceAll("-", "X")}`;
const identifierOf = (id: string): string => id.slice("db-".length).replaceAll("X", "-").toLowerCase();

const ownIds: Mend = (body) =>
  body
    .split("<DBInstance>")
    .map((part) => {
      const identifier = /<DBInstanceIdentifier>([^<]+)</.exec(part)?.[1];
      if (identifier === undefined) return part;
      return part.replace(/<DbiResourceId>[^<]*</, `<DbiResourceId>${resourceId(identifier)}<`);
    })
    .join("<DBInstance>");

async function byResourceId(call: Call, _: unknown, ask: Ask): Promise<Answer> {
  if (call.form.get("Filters.Filter.1.Name") !== "dbi-resource-id") return undefined;
  const identifier = identifierOf(call.form.get("Filters.Filter.1.Values.Value.1") ?? "");
  const xml = await ask({
    Action: call.action,
    Version: call.form.get("Version") ?? "",
    DBInstanceIdentifier: identifier,
  });
  const gone = xml.includes("DBInstanceNotFound");
  return gone ? { status: 404, xml } : { xml: ownIds(xml, call, new Map()) };
}

export const DATABASES: Readonly<Record<string, FakedCall>> = {
  "rds:DescribeDBInstances": { because: SAME_ID, answer: byResourceId, mend: ownIds },
  "rds:CreateDBInstance": { because: SAME_ID, mend: ownIds },
  "rds:ModifyDBInstance": { because: SAME_ID, mend: ownIds },
  "rds:DeleteDBInstance": { because: SAME_ID, mend: ownIds },
};
