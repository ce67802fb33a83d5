import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Fix, Memory } from "./stand-in.ts";
import { fields, tag } from "./xml.ts";

const texts = (memory: Memory, kind: string): Map<string, string> => {
  const found = (memory.get(kind) ?? new Map<string, string>()) as Map<string, string>;
  memory.set(kind, found);
  return found;
};

const ruleIds = (body: string): readonly string[] =>
  [...body.matchAll(/<securityGroupRuleId>([^<]+)</g)].map(([, id = ""]) => id);

// One rule a call, as the provider makes them.
const rememberDescription: Fix = (body, { form }, memory) => {
  const text = ["Groups", "PrefixListIds"]
    .map((kind) => form.get(`IpPermissions.1.${kind}.1.Description`))
    .find(Boolean);
  const [id] = ruleIds(body);
  if (id !== undefined && typeof text === "string") texts(memory, "rule-descriptions").set(id, text);
  return body;
};

const describeRules: Fix = (body, _, memory) =>
  body.replaceAll(/<securityGroupRuleId>([^<]+)<\/securityGroupRuleId>/g, (element, id: string) => {
    const text = texts(memory, "rule-descriptions").get(id);
    return text === undefined ? element : `${element}${tag("description", text)}`;
  });

// <securityGroupIdSet> is what the call is given; the answer says <groupSet>.
const describeVersions: Fix = (body) =>
  body
    .replaceAll(/<securityGroupIdSet>([\s\S]*?)<\/securityGroupIdSet>/g, (_, items: string) => {
      const groups = [...items.matchAll(/<item>([^<]+)</g)].map(([, id = ""]) => tag("groupId", id));
      return `<groupSet>${groups.join("")}</groupSet>`;
    })
    .replaceAll(/<tagSpecificationSet>\s*<item>\s*<resourceType>launch-template<[\s\S]*?<\/tagSpecificationSet>/g, "");

function setDefault({ form, action }: Call, memory: Memory): Answer {
  const id = form.get("LaunchTemplateId") ?? "";
  const version = form.get("SetDefaultVersion") ?? "1";
  texts(memory, "default-versions").set(id, version);
  const template = fields({ launchTemplateId: id, defaultVersionNumber: version, latestVersionNumber: version });
  return { xml: `<${action}Response><launchTemplate>${template}</launchTemplate></${action}Response>` };
}

const showDefaults: Fix = (body, _, memory) =>
  body.replaceAll(
    /<defaultVersionNumber>\d+<([\s\S]*?<launchTemplateId>)([^<]+)</g,
    (whole, between: string, id: string) => {
      const version = texts(memory, "default-versions").get(id);
      return version === undefined ? whole : `<defaultVersionNumber>${version}<${between}${id}<`;
    },
  );

const MUTE = "moto forgets a rule's description when it names a group or a list";

export const MACHINES: Readonly<Record<string, FakedCall>> = {
  "ec2:AuthorizeSecurityGroupIngress": { why: MUTE, fix: rememberDescription },
  "ec2:AuthorizeSecurityGroupEgress": { why: MUTE, fix: rememberDescription },
  "ec2:DescribeSecurityGroupRules": { why: MUTE, fix: describeRules },
  "ec2:ModifyLaunchTemplate": { why: "moto 5.1 has no such call", answer: setDefault },
  "ec2:DescribeLaunchTemplates": { why: "a template's default version is set above", fix: showDefaults },
  "ec2:DescribeLaunchTemplateVersions": {
    why: "moto answers with names of the question, and adds the template's own tags",
    fix: describeVersions,
  },
};
