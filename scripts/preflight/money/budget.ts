import { type AwsAccount, AwsRefusal } from "../../fleet/aws.ts";
import { budgets, costExplorer } from "../ask.ts";
import { type Finding, ok, warns } from "../finding.ts";
import type { Needs } from "../needs.ts";

/** A budget that is not there is made by the apply; one that is there counts what its filter says. */
export type BudgetState = { readonly is: "none" } | { readonly is: "there"; readonly filter: readonly string[] };

export async function budgetState(
  account: AwsAccount,
  AccountId: string,
  { budget: BudgetName }: Needs,
): Promise<BudgetState> {
  if (BudgetName === undefined) return { is: "none" };
  try {
    const { Budget } = await budgets(account, "DescribeBudget", { AccountId, BudgetName });
    const { CostFilters = {} } = (Budget ?? {}) as { CostFilters?: Readonly<Record<string, readonly string[]>> };
    return { is: "there", filter: Object.values(CostFilters).flat() };
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === "NotFoundException") return { is: "none" };
    throw error;
  }
}

export function budgetFinding({ environment, budget = "" }: Needs, state: BudgetState): Finding {
  if (state.is === "none") return ok("budget", `the apply makes ${budget}`);
  if (state.filter.includes(`user:Environment$${environment}`)) return ok("budget", `${budget} counts ${environment}`);
  const counts = state.filter.length === 0 ? "the whole account" : state.filter.join(", ");
  const fix =
    "let the apply change it; if it is somebody else's, delete it or name it otherwise, for AWS refuses a second";
  return warns("budget", `${budget} is there and counts ${counts}, not ${environment}`, fix);
}

export type CostTagState = "Active" | "Inactive" | "unknown";

export async function costTagState(account: AwsAccount): Promise<CostTagState> {
  const { CostAllocationTags } = await costExplorer(account, "ListCostAllocationTags", { TagKeys: ["Environment"] });
  const [tag] = (CostAllocationTags ?? []) as ReadonlyArray<{ readonly Status?: string }>;
  if (tag?.Status === "Active" || tag?.Status === "Inactive") return tag.Status;
  return "unknown";
}

export function costTagFinding(state: CostTagState): Finding {
  if (state === "Active") return ok("cost tag", "Environment is a cost allocation tag");
  const why = "Environment is no active cost allocation tag: the budget of this environment counts nothing";
  return warns("cost tag", why, "activate it a day after the first apply (docs/runbook.md)");
}
