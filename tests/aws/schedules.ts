import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";
import { fields, queryXml } from "./xml.ts";

const SHOWN = [
  "AutoScalingGroupName",
  "ScheduledActionName",
  "Recurrence",
  "TimeZone",
  "MinSize",
  "MaxSize",
  "DesiredCapacity",
];

const actions = (memory: Memory): Map<string, URLSearchParams> => {
  const found = (memory.get("scheduled-actions") ?? new Map<string, URLSearchParams>()) as Map<string, URLSearchParams>;
  memory.set("scheduled-actions", found);
  return found;
};
const keyOf = (form: URLSearchParams) => `${form.get("AutoScalingGroupName")} ${form.get("ScheduledActionName")}`;

function put({ form, action }: Call, memory: Memory): Answer {
  actions(memory).set(keyOf(form), form);
  return { xml: queryXml(action, "") };
}

function describe({ form, action }: Call, memory: Memory): Answer {
  const name = form.get("ScheduledActionNames.member.1");
  const members = [...actions(memory).values()]
    .filter((one) => one.get("AutoScalingGroupName") === form.get("AutoScalingGroupName"))
    .filter((one) => name === null || one.get("ScheduledActionName") === name)
    .map((one) => `<member>${fields(Object.fromEntries(SHOWN.map((field) => [field, one.get(field)])))}</member>`);
  return { xml: queryXml(action, `<ScheduledUpdateGroupActions>${members.join("")}</ScheduledUpdateGroupActions>`) };
}

function remove({ form, action }: Call, memory: Memory): Answer {
  actions(memory).delete(keyOf(form));
  return { xml: queryXml(action, "") };
}

const ONE_NAME = "moto knows an action by its name alone, whichever group has it";

export const SCHEDULES: Readonly<Record<string, FakedCall>> = {
  "autoscaling:PutScheduledUpdateGroupAction": { why: ONE_NAME, answer: put },
  "autoscaling:DescribeScheduledActions": { why: ONE_NAME, answer: describe },
  "autoscaling:DeleteScheduledAction": { why: ONE_NAME, answer: remove },
};
