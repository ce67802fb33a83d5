import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";
import { fields, queryXml } from "./xml.ts";

interface Refresh {
  readonly id: string;
  readonly group: string;
}

const refreshes = (memory: Memory): Refresh[] => {
  const found = (memory.get("refreshes") ?? []) as Refresh[];
  memory.set("refreshes", found);
  return found;
};

// A refresh ends at once: that a fleet really turns over is what the boot suite shows.
function start(call: Call, memory: Memory): Answer {
  const id = `refresh-${refreshes(memory).length + 1}`;
  refreshes(memory).push({ id, group: call.form.get("AutoScalingGroupName") ?? "" });
  return { xml: queryXml(call.action, fields({ InstanceRefreshId: id })) };
}

function describe(call: Call, memory: Memory): Answer {
  const found = refreshes(memory).filter(({ group }) => group === call.form.get("AutoScalingGroupName"));
  const members = found.map(
    ({ id, group }) =>
      `<member>${fields({ InstanceRefreshId: id, AutoScalingGroupName: group, Status: "Successful", PercentageComplete: 100 })}</member>`,
  );
  return { xml: queryXml(call.action, `<InstanceRefreshes>${members.join("")}</InstanceRefreshes>`) };
}

const done = (call: Call): Answer => ({ xml: queryXml(call.action, "") });
const NONE = "moto 5.1 has no such call";

export const SCALING: Readonly<Record<string, FakedCall>> = {
  "autoscaling:StartInstanceRefresh": { because: NONE, answer: start },
  "autoscaling:DescribeInstanceRefreshes": { because: NONE, answer: describe },
  "autoscaling:CompleteLifecycleAction": { because: NONE, answer: done },
  "autoscaling:RecordLifecycleActionHeartbeat": { because: NONE, answer: done },
};
