import { defineRouteConfig } from "@medusajs/admin-sdk";
import { CheckCircle } from "@medusajs/icons";
import { Container, Heading, StatusBadge, Text } from "@medusajs/ui";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { GUIDES } from "./guides.ts";

type Step = { id: string; done: boolean; missing: string[] };

/** What is left to set before a shop sells, each with the page where it is set. */
export default function FirstStepsPage() {
  const { steps, failed } = useSteps();
  const { t: say } = useTranslation("firstSteps");
  return (
    <Container className="divide-y p-0">
      <div className="px-6 py-4">
        <Heading level="h1">{say("menu")}</Heading>
        <Text className="text-ui-fg-subtle" role="status">
          {failed ? say("failed") : summary(steps, say)}
        </Text>
      </div>
      <ul className="divide-y">
        {steps.map((step) => (
          <StepRow key={step.id} step={step} />
        ))}
      </ul>
    </Container>
  );
}

function StepRow({ step }: { step: Step }) {
  const { t: say } = useTranslation("firstSteps");
  const guide = GUIDES[step.id];
  if (guide === undefined) return null;
  return (
    <li className="flex items-start justify-between gap-x-6 px-6 py-4" data-testid={`step-${step.id}`}>
      <div>
        <Heading level="h2">{say(`${step.id}.title`)}</Heading>
        <Text className="text-ui-fg-subtle">{say(`${step.id}.text`)}</Text>
        {step.done || !guide.names ? null : <Text>{say("missing", { names: step.missing.join(", ") })}</Text>}
        <Link className="text-ui-fg-base underline" to={guide.to}>
          {say(`${step.id}.link`)}
        </Link>
      </div>
      <StatusBadge color={step.done ? "green" : "orange"}>{say(step.done ? "done" : "open")}</StatusBadge>
    </li>
  );
}

type Say = (key: string, values?: Record<string, unknown>) => string;

function summary(steps: readonly Step[], say: Say): string {
  const left = steps.filter(({ done }) => !done).length;
  if (steps.length === 0) return say("moment");
  return left === 0 ? say("ready") : say("left", { left, all: steps.length });
}

function useSteps() {
  const [state, setState] = useState<{ steps: Step[]; failed: boolean }>({ steps: [], failed: false });
  useEffect(() => {
    fetch("/admin/first-steps", { credentials: "include" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then(({ steps }) => setState({ steps, failed: false }))
      .catch(() => setState({ steps: [], failed: true }));
  }, []);
  return state;
}

export const config = defineRouteConfig({ label: "menu", translationNs: "firstSteps", icon: CheckCircle });
