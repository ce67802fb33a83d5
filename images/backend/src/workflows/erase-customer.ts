import { Modules } from "@medusajs/framework/utils";
import { createStep, createWorkflow, StepResponse, WorkflowResponse } from "@medusajs/framework/workflows-sdk";
import { removeCustomerAccountWorkflow } from "@medusajs/medusa/core-flows";

/** Medusa keeps the row of a deleted customer; nothing personal may stay in it. */
const NOBODY = { email: null, first_name: null, last_name: null, phone: null, company_name: null, metadata: null };

const FIELDS = Object.keys(NOBODY) as (keyof typeof NOBODY)[];

type Person = { id: string } & { [field in keyof typeof NOBODY]?: unknown };

const forgetPerson = createStep(
  "forget-person",
  async (id: string, { container }) => {
    const customers = container.resolve(Modules.CUSTOMER);
    const person: Person = await customers.retrieveCustomer(id, { select: ["id", ...FIELDS] });
    await customers.updateCustomers(id, NOBODY as object);
    return new StepResponse(id, person);
  },
  async (person: Person | undefined, { container }) => {
    if (person === undefined) return;
    const before = Object.fromEntries(FIELDS.map((field) => [field, person[field]]));
    await container.resolve(Modules.CUSTOMER).updateCustomers(person.id, before);
  },
);

/** Deletes a customer and the login, or, when one of it fails, neither. */
export const eraseCustomerWorkflow = createWorkflow("erase-customer", (input: { customerId: string }) => {
  forgetPerson(input.customerId);
  return new WorkflowResponse(removeCustomerAccountWorkflow.runAsStep({ input }));
});
