import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";

const policies = (memory: Memory): Map<string, string> => {
  const found = (memory.get("bucket-policies") ?? new Map<string, string>()) as Map<string, string>;
  memory.set("bucket-policies", found);
  return found;
};
const bucketOf = ({ path }: Call): string => path.split("/")[1] ?? "";

function put(call: Call, memory: Memory): Answer {
  policies(memory).set(bucketOf(call), call.body);
  return { status: 204, xml: "" };
}

function get(call: Call, memory: Memory): Answer {
  const policy = policies(memory).get(bucketOf(call));
  if (policy !== undefined) return { json: JSON.parse(policy) as object };
  return { status: 404, xml: "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>" };
}

function remove(call: Call, memory: Memory): Answer {
  policies(memory).delete(bucketOf(call));
  return { status: 204, xml: "" };
}

const lifecycles = (memory: Memory): Map<string, string> => {
  const found = (memory.get("lifecycles") ?? new Map<string, string>()) as Map<string, string>;
  memory.set("lifecycles", found);
  return found;
};
const SIZE = { "x-amz-transition-default-minimum-object-size": "all_storage_classes_128K" };

function putLifecycle(call: Call, memory: Memory): Answer {
  lifecycles(memory).set(bucketOf(call), call.body);
  return { status: 200, xml: "", headers: SIZE };
}

function getLifecycle(call: Call, memory: Memory): Answer {
  const kept = lifecycles(memory).get(bucketOf(call));
  if (kept !== undefined) return { xml: kept, headers: SIZE };
  return { status: 404, xml: "<Error><Code>NoSuchLifecycleConfiguration</Code><Message>none</Message></Error>" };
}

function removeLifecycle(call: Call, memory: Memory): Answer {
  lifecycles(memory).delete(bucketOf(call));
  return { status: 204, xml: "" };
}

const REWORDED = "moto gives a lifecycle back in other words, and the provider waits three minutes for its own";
const BLIND = "moto obeys a Deny without reading its condition, so TLS-only would refuse everybody";

export const STORAGE: Readonly<Record<string, FakedCall>> = {
  "s3:PUT?policy": { why: BLIND, answer: put },
  "s3:GET?policy": { why: BLIND, answer: get },
  "s3:DELETE?policy": { why: BLIND, answer: remove },
  "s3:PUT?lifecycle": { why: REWORDED, answer: putLifecycle },
  "s3:GET?lifecycle": { why: REWORDED, answer: getLifecycle },
  "s3:DELETE?lifecycle": { why: REWORDED, answer: removeLifecycle },
};
