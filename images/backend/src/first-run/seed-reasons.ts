import type { MedusaContainer } from "@medusajs/framework/types";
import { Modules } from "@medusajs/framework/utils";
import { createReturnReasonsWorkflow } from "@medusajs/medusa/core-flows";

/** Why plants come back, as customers choose it; the keeper edits them in the admin's settings. */
const REASONS = [
  ["changed-mind", "I changed my mind", "J'ai changé d'avis"],
  ["damaged", "It arrived damaged", "Arrivée abîmée"],
  ["not-as-described", "It is not as described", "Ne correspond pas à la description"],
  ["wrong-item", "It is not what I ordered", "Ce n'est pas ce que j'ai commandé"],
] as const;

/** Only where there are none: whoever removed one meant it. */
export async function seedReasons(container: MedusaContainer): Promise<void> {
  const known = await container.resolve(Modules.ORDER).listReturnReasons({}, { take: 1 });
  if (known.length > 0) return;
  const data = REASONS.map(([value, label, french]) => ({ value, label, metadata: { label_fr: french } }));
  await createReturnReasonsWorkflow(container).run({ input: { data } });
}
