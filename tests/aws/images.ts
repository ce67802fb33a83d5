import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Fix, Memory } from "./stand-in.ts";
import { tag } from "./xml.ts";

/** What is kept of an instance's root volume and of the images made from it, by id. */
const facts = (memory: Memory): Map<string, string> => {
  const found = (memory.get("machine-images") ?? new Map<string, string>()) as Map<string, string>;
  memory.set("machine-images", found);
  return found;
};
const idIn = (body: string, name: string): string => new RegExp(`<${name}>([^<]+)<`).exec(body)?.[1] ?? "";

const rememberDisk: Fix = (body, { form }, memory) => {
  facts(memory).set(idIn(body, "instanceId"), form.get("BlockDeviceMapping.1.Ebs.Encrypted") ?? "false");
  return body;
};

const rememberImage: Fix = (body, { form }, memory) => {
  const encrypted = facts(memory).get(form.get("InstanceId") ?? "") ?? "false";
  facts(memory).set(`disk of ${idIn(body, "imageId")}`, encrypted);
  return body;
};

function setSupport({ form, action }: Call, memory: Memory): Answer {
  if (form.get("Attribute") !== "imdsSupport") return undefined;
  facts(memory).set(`imds of ${form.get("ImageId") ?? ""}`, form.get("ImdsSupport.Value") ?? "");
  return { xml: `<${action}Response><return>true</return></${action}Response>` };
}

const showFacts: Fix = (body, _, memory) =>
  body.replaceAll(/<imageId>([^<]+)<[\s\S]*?<hypervisor>/g, (item, id: string) => {
    const encrypted = facts(memory).get(`disk of ${id}`);
    const support = facts(memory).get(`imds of ${id}`);
    const disks = encrypted === undefined ? item : item.replaceAll("<ebs>", `<ebs>${tag("encrypted", encrypted)}`);
    return support === undefined ? disks : disks.replace(/<hypervisor>$/, `${tag("imdsSupport", support)}<hypervisor>`);
  });

const PLAIN = "moto forgets that a volume was asked for encrypted, and so that an image of it is";

/** Machine images with what an image must be: encrypted, metadata version 2 only. */
export const IMAGES: Readonly<Record<string, FakedCall>> = {
  "ec2:RunInstances": { why: PLAIN, fix: rememberDisk },
  "ec2:CreateImage": { why: PLAIN, fix: rememberImage },
  "ec2:DescribeImages": { why: PLAIN, fix: showFacts },
  "ec2:ModifyImageAttribute": { why: "moto knows launch permissions only", answer: setSupport },
};
