/** An item of DynamoDB whose attributes are all texts. */
export type TextItem = Readonly<Record<string, { readonly S: string }>>;

/** The part of a PutItem that says when it may happen. */
export interface Condition {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: TextItem;
}

/**
 * Whether a condition holds for the item that is there, read as DynamoDB reads it: `attribute_not_exists(a)`,
 * `attribute_exists(a)`, `a = b`, `a <> b`, and several of them joined by AND. Anything else is an error.
 */
export function holds(condition: Condition, item: TextItem | undefined): boolean {
  const { ConditionExpression: expression } = condition;
  if (expression === undefined) return true;
  return expression.split(" AND ").every((part) => partHolds(part.trim(), condition, item));
}

function partHolds(part: string, condition: Condition, item: TextItem | undefined): boolean {
  const [, call, name] = /^(attribute_exists|attribute_not_exists)\s*\(\s*(\S+?)\s*\)$/.exec(part) ?? [];
  if (name !== undefined) {
    return (valueOf(name, condition, item) === undefined) === (call === "attribute_not_exists");
  }
  const [, left, operator, right] = /^(\S+)\s*(=|<>)\s*(\S+)$/.exec(part) ?? [];
  if (left === undefined || right === undefined) throw new Error(`a condition this lab cannot read: ${part}`);
  const [a, b] = [valueOf(left, condition, item), valueOf(right, condition, item)];
  // What is compared with an attribute that is not there is neither equal nor unequal.
  if (a === undefined || b === undefined) return false;
  return (a === b) === (operator === "=");
}

function valueOf(operand: string, condition: Condition, item: TextItem | undefined): string | undefined {
  if (!operand.startsWith(":")) {
    const name = operand.startsWith("#") ? condition.ExpressionAttributeNames?.[operand] : operand;
    if (name === undefined) throw new Error(`no ExpressionAttributeNames for ${operand}`);
    return item?.[name]?.S;
  }
  const value = condition.ExpressionAttributeValues?.[operand]?.S;
  if (value === undefined) throw new Error(`no ExpressionAttributeValues for ${operand}`);
  return value;
}
