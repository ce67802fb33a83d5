import { defineRouteConfig } from "@medusajs/admin-sdk";
import { CheckCircle } from "@medusajs/icons";
import { Container, Heading, StatusBadge, Text } from "@medusajs/ui";
import { useEffect, useState } from "react";
import { Link } from "react-router-dom";
import { GUIDES } from "./guides.ts";

type Step = { id: string; done: boolean; missing: string[] };

/** What is left to set before a shop sells, each with the page where it is set. */
export default function FirstStepsPage() {
  const { steps, failed } = useSteps();
  const left = steps.filter(({ done }) => !done).length;
  return (
    <Container className="divide-y p-0">
      <div className="px-6 py-4">
        <Heading level="h1">First steps</Heading>
        <Text className="text-ui-fg-subtle" role="status">
          {failed ? "They cannot be told now. Load the page again." : summary(steps.length, left)}
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
  const guide = GUIDES[step.id];
  if (guide === undefined) return null;
  return (
    <li className="flex items-start justify-between gap-x-6 px-6 py-4" data-testid={`step-${step.id}`}>
      <div>
        <Heading level="h2">{guide.title}</Heading>
        <Text className="text-ui-fg-subtle">{guide.text}</Text>
        {step.done || !guide.names ? null : <Text>Still missing: {step.missing.join(", ")}</Text>}
        <Link className="text-ui-fg-interactive" to={guide.to}>
          {guide.link}
        </Link>
      </div>
      <StatusBadge color={step.done ? "green" : "orange"}>{step.done ? "Done" : "To do"}</StatusBadge>
    </li>
  );
}

const summary = (all: number, left: number): string => {
  if (all === 0) return "One moment …";
  return left === 0 ? "Everything is set: the shop may open." : `${left} of ${all} are left.`;
};

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

export const config = defineRouteConfig({ label: "First steps", icon: CheckCircle });
