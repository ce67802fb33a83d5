/** A value of a planned resource: JSON, with what is not known yet left out. */
export type Values = Readonly<Record<string, unknown>>;

/** One managed resource of a plan. */
export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  readonly values: Values;
}

interface PlannedModule {
  readonly resources?: ReadonlyArray<Resource & { readonly mode: string }>;
  readonly child_modules?: readonly PlannedModule[];
}

/** The part of `terraform show -json` that is read: a plan has planned_values, a state values. */
export interface ShownPlan {
  readonly planned_values?: { readonly root_module?: PlannedModule };
  readonly values?: { readonly root_module?: PlannedModule };
}

/** Every managed resource of a shown plan or state, in address order. */
export function resourcesOf(shown: ShownPlan): readonly Resource[] {
  const root = shown.planned_values?.root_module ?? shown.values?.root_module;
  if (!root) return [];
  return below(root).toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

function below(module: PlannedModule): Resource[] {
  const own = (module.resources ?? []).filter(({ mode }) => mode === "managed").map(plain);
  return [...own, ...(module.child_modules ?? []).flatMap(below)];
}

function plain({ address, type, name, index, values }: Resource): Resource {
  return index === undefined ? { address, type, name, values } : { address, type, name, index, values };
}

export const ofType = (resources: readonly Resource[], type: string): readonly Resource[] =>
  resources.filter((resource) => resource.type === type);

export const text = (value: unknown): string => (typeof value === "string" ? value : "");
export const number = (value: unknown): number => (typeof value === "number" ? value : Number(value ?? Number.NaN));

/** The first block of a list-shaped nested block; undefined when there is none. */
export function block(values: Values, name: string): Values | undefined {
  const list = values[name];
  return Array.isArray(list) ? (list[0] as Values | undefined) : undefined;
}

export const blocks = (values: Values, name: string): readonly Values[] =>
  Array.isArray(values[name]) ? (values[name] as Values[]) : [];
