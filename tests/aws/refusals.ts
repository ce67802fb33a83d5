import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import type { Answer, Ask, Call, Memory } from "./stand-in.ts";
import { errorXml } from "./xml.ts";

type Refuse = (call: Call, memory: Memory, ask: Ask) => Answer | Promise<Answer>;

/** What moto takes and AWS refuses, by call; `id` is the row of refusals.json that has its source. */
export interface Refusal {
  readonly id: string;
  readonly refuse: Refuse;
}

const xml = (code: string, message: string): Answer => ({ status: 400, xml: errorXml(code, message) });
const json = (type: string, message: string): Answer => ({ status: 400, json: { __type: type, message } });
const ec2 = (code: string, message: string): Answer => ({
  status: 400,
  xml: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>stand-in</RequestID></Response>`,
});

const DESCRIPTION = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

function description({ form }: Call): Answer {
  const given = [...form].filter(([name]) => /(^|\.)(Group)?Description$/.test(name)).map(([, text]) => text);
  const bad = given.find((text) => !DESCRIPTION.test(text));
  return bad === undefined ? undefined : ec2("InvalidParameterValue", "Invalid rule description, or group description");
}

function secondMonitor({ json: { AnomalyMonitor } }: Call): Answer {
  const { MonitorDimension } = (AnomalyMonitor ?? {}) as { MonitorDimension?: string };
  if (MonitorDimension !== "SERVICE") return undefined;
  return json("LimitExceededException", "Limit exceeded on dimensional spend monitor creation");
}

/** Images by launch template, by id where a version is made and by name where the template is. */
function images(memory: Memory): Map<string, string> {
  const found = (memory.get("template-images") ?? new Map<string, string>()) as Map<string, string>;
  memory.set("template-images", found);
  return found;
}

function remember({ form }: Call, memory: Memory): Answer {
  const template = form.get("LaunchTemplateId") ?? form.get("LaunchTemplateName");
  const image = form.get("LaunchTemplateData.ImageId");
  if (template !== null && image !== null) images(memory).set(template, image);
  return undefined;
}

async function rollback({ form }: Call, memory: Memory, ask: Ask): Promise<Answer> {
  if (form.get("Preferences.AutoRollback") !== "true") return undefined;
  const name = form.get("AutoScalingGroupName") ?? "";
  const describe = { Action: "DescribeAutoScalingGroups", Version: "2011-01-01" };
  const group = await ask({ ...describe, "AutoScalingGroupNames.member.1": name });
  const ids = ["LaunchTemplateId", "LaunchTemplateName"].map((field) => elementText(group, field) ?? "");
  const image = ids.map((id) => images(memory).get(id)).find((found) => found !== undefined);
  if (!image?.startsWith("resolve:ssm:")) return undefined;
  return xml("ValidationError", "a rollback is not supported where the image is a Systems Manager parameter");
}

function storage({ form }: Call): Answer {
  const [least, most] = ["AllocatedStorage", "MaxAllocatedStorage"].map((name) => Number(form.get(name)));
  if (!least || !most || most >= least * 1.1) return undefined;
  return xml("InvalidParameterCombination", "Max storage size must be at least 10 % above the allocated storage");
}

function bucketPlace({ body }: Call): Answer {
  if (!body.includes("<LocationConstraint>us-east-1<")) return undefined;
  return xml("InvalidLocationConstraint", "The specified location-constraint is not valid");
}

function inlinePolicy({ form }: Call): Answer {
  const size = (form.get("PolicyDocument") ?? "").replaceAll(/\s/g, "").length;
  return size <= 10_240 ? undefined : xml("LimitExceeded", "Maximum policy size of 10240 bytes exceeded");
}

function parameterValue({ json: { Value } }: Call): Answer {
  const text = typeof Value === "string" ? Value : "";
  if (text !== "" && !text.includes("{{")) return undefined;
  return json("ValidationException", "Parameter value is empty, or can't nest another parameter");
}

function balancerName({ form }: Call): Answer {
  return (form.get("Name") ?? "").length <= 32 ? undefined : xml("ValidationError", "name cannot be longer than '32'");
}

export const REFUSED: Readonly<Record<string, Refusal>> = {
  "ec2:CreateSecurityGroup": { id: "AWS-GROUP-DESCRIPTION", refuse: description },
  "ec2:AuthorizeSecurityGroupIngress": { id: "AWS-INGRESS-DESCRIPTION", refuse: description },
  "ec2:AuthorizeSecurityGroupEgress": { id: "AWS-EGRESS-DESCRIPTION", refuse: description },
  "ce:CreateAnomalyMonitor": { id: "AWS-ONE-MONITOR", refuse: secondMonitor },
  "ec2:CreateLaunchTemplate": { id: "AWS-ROLLBACK-PARAMETER", refuse: remember },
  "ec2:CreateLaunchTemplateVersion": { id: "AWS-ROLLBACK-PARAMETER", refuse: remember },
  "autoscaling:StartInstanceRefresh": { id: "AWS-ROLLBACK-PARAMETER", refuse: rollback },
  "rds:CreateDBInstance": { id: "AWS-STORAGE-MAXIMUM", refuse: storage },
  "s3:PUT": { id: "AWS-BUCKET-PLACE", refuse: bucketPlace },
  "iam:PutRolePolicy": { id: "AWS-INLINE-POLICY", refuse: inlinePolicy },
  "ssm:PutParameter": { id: "AWS-PARAMETER-VALUE", refuse: parameterValue },
  "elasticloadbalancing:CreateLoadBalancer": { id: "AWS-LB-NAME", refuse: balancerName },
  "elasticloadbalancing:CreateTargetGroup": { id: "AWS-TARGET-GROUP-NAME", refuse: balancerName },
};
