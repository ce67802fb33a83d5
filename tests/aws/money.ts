import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";

type Json = Readonly<Record<string, unknown>>;

const SUBSCRIPTION = "arn:aws:ce::123456789012:anomalysubscription/11111111-2222-3333-4444-555555555555";

const json = (answer: Json): Answer => ({ json: answer });
const refused = (type: string): Answer => ({ status: 400, json: { __type: type, Message: "not found" } });

const notifications = (memory: Memory): Map<string, unknown> => {
  const found = (memory.get("notifications") ?? new Map<string, unknown>()) as Map<string, unknown>;
  memory.set("notifications", found);
  return found;
};

function keyOf(body: Json): string {
  const { NotificationType, Threshold } = body.Notification as { NotificationType: string; Threshold: number };
  return `${String(body.BudgetName)} ${NotificationType} ${Threshold}`;
}

// moto keeps the notification itself.
function rememberSubscribers({ json: body }: Call, memory: Memory): Answer {
  notifications(memory).set(keyOf(body), body.Subscribers);
  return undefined;
}

const subscribers = ({ json: body }: Call, memory: Memory): Answer =>
  json({ Subscribers: notifications(memory).get(keyOf(body)) ?? [] });

function remember({ json: body }: Call, memory: Memory): Answer {
  const budgets = (memory.get("budgets") ?? new Map()) as Map<string, Json>;
  budgets.set((body.Budget as { BudgetName: string }).BudgetName, body);
  memory.set("budgets", budgets);
  return undefined;
}

function tags({ json: body }: Call, memory: Memory): Answer {
  const name = String(body.ResourceARN).split("/").at(-1) ?? "";
  const budgets = (memory.get("budgets") ?? new Map()) as Map<string, Json>;
  return json({ ResourceTags: budgets.get(name)?.ResourceTags ?? [] });
}

const anomalyTags = (_: Call, memory: Memory): Answer => json({ ResourceTags: memory.get("subscription-tags") ?? [] });

const keep =
  (name: string, field: string, answer: Json) =>
  ({ json: body }: Call, memory: Memory): Answer => {
    memory.set(name, body[field]);
    memory.set(`${name}-tags`, body.ResourceTags);
    return json(answer);
  };

const show =
  (name: string, field: string, arn: Json, fault: string) =>
  (_: Call, memory: Memory): Answer => {
    const kept = memory.get(name);
    return kept === undefined ? refused(fault) : json({ [field]: [{ ...(kept as Json), ...arn }] });
  };

const forget =
  (name: string) =>
  (_: Call, memory: Memory): Answer => {
    memory.delete(name);
    return json({});
  };

const NONE = "moto 5.1 has no such call";

export const MONEY: Readonly<Record<string, FakedCall>> = {
  "budgets:CreateBudget": { why: "moto forgets a budget's tags", answer: remember },
  "budgets:CreateNotification": {
    why: "moto forgets who is told, which the next call asks",
    answer: rememberSubscribers,
  },
  "budgets:DescribeSubscribersForNotification": { why: NONE, answer: subscribers },
  "budgets:ListTagsForResource": { why: NONE, answer: tags },
  "ce:ListTagsForResource": { why: NONE, answer: anomalyTags },
  "ce:CreateAnomalySubscription": {
    why: NONE,
    answer: keep("subscription", "AnomalySubscription", { SubscriptionArn: SUBSCRIPTION }),
  },
  "ce:GetAnomalySubscriptions": {
    why: NONE,
    answer: show(
      "subscription",
      "AnomalySubscriptions",
      { SubscriptionArn: SUBSCRIPTION, AccountId: "123456789012" },
      "UnknownSubscriptionException",
    ),
  },
  "ce:DeleteAnomalySubscription": { why: NONE, answer: forget("subscription") },
};
