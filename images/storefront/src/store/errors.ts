/** The backend did not answer, or answered that it cannot: worth another try in a moment. */
export class BackendUnavailable extends Error {
  override readonly name = "BackendUnavailable";
}

/** The backend understood and said no. */
export class BackendRefused extends Error {
  override readonly name = "BackendRefused";
  /** Its HTTP status, 400 to 499. */
  readonly status: number;

  /** Medusa's own word for the reason, where it gives one. */
  readonly code: string | undefined;

  constructor(message: string, status: number, code?: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// By name, not by class: Next loads this module once per route, and a shared answer may fail in another route's copy.
export function isUnavailable(error: unknown): error is BackendUnavailable {
  return error instanceof Error && error.name === "BackendUnavailable";
}

export function isRefused(error: unknown): error is BackendRefused {
  return error instanceof Error && error.name === "BackendRefused";
}
