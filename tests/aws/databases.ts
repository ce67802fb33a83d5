import type { FakedCall } from "./fakes.ts";
import type { Answer, Ask, Call, Fix, Memory } from "./stand-in.ts";
import { tag } from "./xml.ts";

const SAME_ID = "moto gives every database the same resource id, by which the provider asks again";
const FORGETS = "moto forgets certificate, monitoring and insights, which the provider would set a second time";

/** A resource id made from the identifier: `greenleaf-dev` becomes `db-GREENLEAFXDEV`. */
const resourceId = (identifier: string): string => `db-${identifier.toUpperCase().replaceAll("-", "X")}`;
const identifierOf = (id: string): string => id.slice("db-".length).replaceAll("X", "-").toLowerCase();

/** What was asked for, by the element that shows it. */
const FORGOTTEN: Readonly<Record<string, string>> = {
  MonitoringInterval: "MonitoringInterval",
  MonitoringRoleArn: "MonitoringRoleArn",
  EnablePerformanceInsights: "PerformanceInsightsEnabled",
  PerformanceInsightsKMSKeyId: "PerformanceInsightsKMSKeyId",
  PerformanceInsightsRetentionPeriod: "PerformanceInsightsRetentionPeriod",
};

const asked = (memory: Memory): Map<string, Readonly<Record<string, string>>> => {
  const found = (memory.get("databases") ?? new Map()) as Map<string, Readonly<Record<string, string>>>;
  memory.set("databases", found);
  return found;
};

function remember({ form }: Call, memory: Memory): Answer {
  const identifier = form.get("DBInstanceIdentifier") ?? "";
  asked(memory).set(identifier, { ...asked(memory).get(identifier), ...Object.fromEntries(form) });
  return undefined;
}

const whole: Fix = (body, _, memory) =>
  body
    .split("<DBInstance>")
    .map((part) => {
      const identifier = /<DBInstanceIdentifier>([^<]+)</.exec(part)?.[1];
      if (identifier === undefined) return part;
      return remembered(part, asked(memory).get(identifier) ?? {})
        .replace(/<DbiResourceId>[^<]*</, `<DbiResourceId>${resourceId(identifier)}<`)
        .replace("<CACertificateIdentifier>rds-ca-default<", "<CACertificateIdentifier>rds-ca-rsa2048-g1<");
    })
    .join("<DBInstance>");

function remembered(part: string, form: Readonly<Record<string, string>>): string {
  let found = part;
  for (const [field, element] of Object.entries(FORGOTTEN)) {
    const value = form[field];
    if (value === undefined) continue;
    const bare = found.replaceAll(new RegExp(`<${element}>[^<]*</${element}>|<${element}/>`, "g"), "");
    found = bare.replace("</DBInstance>", `${tag(element, value)}</DBInstance>`);
  }
  return found;
}

async function byResourceId(call: Call, memory: Memory, ask: Ask): Promise<Answer> {
  if (call.form.get("Filters.Filter.1.Name") !== "dbi-resource-id") return undefined;
  const identifier = identifierOf(call.form.get("Filters.Filter.1.Values.Value.1") ?? "");
  const xml = await ask({
    Action: call.action,
    Version: call.form.get("Version") ?? "",
    DBInstanceIdentifier: identifier,
  });
  const gone = xml.includes("DBInstanceNotFound");
  return gone ? { status: 404, xml } : { xml: whole(xml, call, memory) };
}

async function restore(call: Call, memory: Memory, ask: Ask): Promise<Answer> {
  const xml = await ask(Object.fromEntries(call.form));
  if (xml.includes("<Error>")) return { status: 400, xml };
  const DBInstanceIdentifier =
    call.form.get("TargetDBInstanceIdentifier") ?? call.form.get("DBInstanceIdentifier") ?? "";
  const Version = call.form.get("Version") ?? "";
  await ask({ Action: "ModifyDBInstance", Version, DBInstanceIdentifier, DeletionProtection: "false" });
  return { xml: whole(xml, call, memory) };
}

const INHERITS = "moto's restored database inherits deletion protection; AWS's does not";

export const DATABASES: Readonly<Record<string, FakedCall>> = {
  "rds:DescribeDBInstances": { why: SAME_ID, answer: byResourceId, fix: whole },
  "rds:CreateDBInstance": { why: FORGETS, answer: remember, fix: whole },
  "rds:ModifyDBInstance": { why: FORGETS, answer: remember, fix: whole },
  "rds:RestoreDBInstanceToPointInTime": { why: INHERITS, answer: restore },
  "rds:RestoreDBInstanceFromDBSnapshot": { why: INHERITS, answer: restore },
  "rds:DeleteDBInstance": { why: SAME_ID, fix: whole },
};
