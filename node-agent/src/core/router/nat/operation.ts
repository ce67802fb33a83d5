import type { Family } from "./rules.ts";

interface Reasoned {
  readonly name: string;
  readonly why: string;
}

/** One change to the machine's network; the executor decides nothing. */
export type NatOperation = Reasoned &
  (
    | { readonly kind: "restore"; readonly family: Family; readonly text: string }
    | { readonly kind: "sysctl"; readonly sysctl: string; readonly value: string }
    | { readonly kind: "ip"; readonly args: readonly string[] }
    | { readonly kind: "write"; readonly path: string; readonly content: string; readonly mode: number }
    | { readonly kind: "remove"; readonly path: string }
    | { readonly kind: "forget-untranslated"; readonly sources: readonly string[] }
    | { readonly kind: "barrier"; readonly device: string; readonly program: string }
    | { readonly kind: "barrier-removal"; readonly device: string; readonly withHook: boolean }
    | { readonly kind: "late-flows"; readonly text: string }
    | { readonly kind: "late-flows-removal" }
    | { readonly kind: "delete-table"; readonly family: Family; readonly table: string }
  );
