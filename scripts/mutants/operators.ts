import { isSyntax, part, type Syntax } from "./syntax.ts";

/** One way to change a node: what stands in its place afterwards. */
export interface Change {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Source {
  readonly text: string;
  /** Nodes above, the nearest last. */
  readonly above: readonly Syntax[];
}

type Operator = (node: Syntax, source: Source) => readonly Change[];

const BOUNDARY: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const NEGATION: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "===": "!==",
  "!==": "===",
};
const LOGIC: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };
const ARITHMETIC: Readonly<Record<string, string>> = { "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*" };
const ASSIGNMENT: Readonly<Record<string, string>> = { "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=" };
/** What these leave out is their whole purpose. */
const CHAINED = new Set(["filter", "trim", "toSorted", "sort", "slice", "reverse", "toLowerCase", "toUpperCase"]);
/** Words for people: what they say is no behaviour. */
const PROSE = new Set(["what", "why", "fix", "title", "description", "text", "summary", "help", "usage"]);

const between = (source: string, left: Syntax, right: Syntax, [from, to]: readonly [string, string]) => {
  const at = source.indexOf(from, left.end);
  return at < 0 || at >= right.start ? undefined : { start: at, end: at + from.length, text: to };
};

const swapped =
  (operator: string, types: readonly string[], table: Readonly<Record<string, string>>): Operator =>
  (node, { text }) => {
    const [left, right] = [part(node, "left"), part(node, "right")];
    const to = table[String(node.operator)];
    if (!types.includes(node.type) || left === undefined || right === undefined || to === undefined) return [];
    if (to === "-" && [left, right].some((side) => isText(side))) return [];
    const change = between(text, left, right, [String(node.operator), to]);
    return change === undefined ? [] : [{ operator, ...change }];
  };

const isText = (node: Syntax): boolean =>
  node.type === "TemplateLiteral" ||
  (node.type === "Literal" && typeof node.value === "string") ||
  (node.type === "BinaryExpression" && [part(node, "left"), part(node, "right")].some((side) => side && isText(side)));

const whole = (operator: string, node: Syntax, text: string): readonly Change[] => [
  { operator, start: node.start, end: node.end, text },
];

const condition: Operator = (node, { text }) => {
  const test = part(node, "test");
  if (!["IfStatement", "ConditionalExpression", "WhileStatement"].includes(node.type) || test === undefined) return [];
  return whole("negation", test, `!(${text.slice(test.start, test.end)})`);
};

const not: Operator = (node, { text }) => {
  const argument = part(node, "argument");
  if (node.type !== "UnaryExpression" || node.operator !== "!" || argument === undefined) return [];
  return whole("negation", node, text.slice(argument.start, argument.end));
};

const constant: Operator = (node, { above }) => {
  if (node.type !== "Literal") return [];
  const { value } = node;
  if (typeof value === "boolean") return whole("constant", node, String(!value));
  if (typeof value === "number") {
    return [value === 0 ? "1" : "0", String(value + 1)]
      .filter((text, index, all) => all.indexOf(text) === index)
      .flatMap((text) => whole("constant", node, text));
  }
  if (typeof value !== "string" || /\s/.test(value) || isProse(above)) return [];
  return whole("constant", node, value === "" ? '"mutant"' : '""');
};

const isProse = (above: readonly Syntax[]): boolean =>
  above.some((node) => {
    const key = part(node, "key");
    return node.type === "Property" && key !== undefined && PROSE.has(String(key.name));
  });

const dropped: Operator = (node, { text }) => {
  const inner = part(node, "expression") ?? part(node, "argument");
  if (inner === undefined) return [];
  if (node.type === "AwaitExpression") return whole("dropped await", node, `(${text.slice(inner.start, inner.end)})`);
  const called = inner.type === "AwaitExpression" ? part(inner, "argument") : inner;
  const isCall = ["CallExpression", "ChainExpression"].includes(called?.type ?? "");
  if (node.type !== "ExpressionStatement" || !isCall || text.slice(inner.start).startsWith("super(")) return [];
  return whole("dropped call", node, ";");
};

const chained: Operator = (node, { text }) => {
  const callee = node.type === "CallExpression" ? part(node, "callee") : undefined;
  const [object, property] =
    callee?.type === "MemberExpression" ? [part(callee, "object"), part(callee, "property")] : [];
  if (object === undefined || !CHAINED.has(String(property?.name))) return [];
  return whole("dropped call", node, `(${text.slice(object.start, object.end)})`);
};

const emptied: Operator = (node) => {
  const { body } = node;
  const isFilled = node.type === "BlockStatement" && Array.isArray(body) && body.length > 0;
  return isFilled ? whole("emptied block", node, "{}") : [];
};

const returned: Operator = (node, { text }) => {
  const of = (child: Syntax) => text.slice(child.start, child.end);
  const [argument, test] = [part(node, "argument"), part(node, "test")];
  const [yes, no] = [part(node, "consequent"), part(node, "alternate")];
  if (node.type === "ReturnStatement" && argument !== undefined && !isNothing(argument)) {
    return whole("swapped return", argument, "undefined");
  }
  if (node.type !== "ConditionalExpression" || test === undefined || yes === undefined || no === undefined) return [];
  return whole("swapped return", node, `(${of(test)}) ? (${of(no)}) : (${of(yes)})`);
};

const isNothing = ({ type, name }: Syntax): boolean => type === "Identifier" && name === "undefined";

const OPERATORS: readonly Operator[] = [
  swapped("boundary", ["BinaryExpression"], BOUNDARY),
  swapped("negation", ["BinaryExpression"], NEGATION),
  swapped("negation", ["LogicalExpression"], LOGIC),
  swapped("arithmetic", ["BinaryExpression"], ARITHMETIC),
  swapped("arithmetic", ["AssignmentExpression"], ASSIGNMENT),
  condition,
  not,
  constant,
  dropped,
  chained,
  emptied,
  returned,
];

/** Types say nothing at run time, and what is imported from where is the loader's matter. */
const isSilent = ({ type }: Syntax): boolean =>
  /^TS(?!AsExpression|NonNull|Satisfies)|^Import(?!Expression)|^Export(All|Specifier)/.test(type);

/** Every change of a tree that one of the operators makes. */
export function changesOf(node: Syntax, text: string, above: readonly Syntax[] = []): readonly Change[] {
  if (isSilent(node)) return [];
  const own = OPERATORS.flatMap((operator) => operator(node, { text, above }));
  const below = Object.entries(node)
    .filter(([key]) => !["typeAnnotation", "typeArguments", "typeParameters", "returnType", "source"].includes(key))
    .filter(([key]) => !(node.type === "Property" && key === "key" && node.computed !== true))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isSyntax)
    .flatMap((child) => changesOf(child, text, [...above, node]));
  return [...own, ...below];
}
