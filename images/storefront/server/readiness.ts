/** Why this shop cannot sell right now, or undefined when it can. */
export async function askBackend(backendUrl: string, withinMs: number): Promise<string | undefined> {
  try {
    const response = await fetch(`${backendUrl}/readyz`, { signal: AbortSignal.timeout(withinMs) });
    await response.body?.cancel();
    return response.ok ? undefined : `the backend answered ${response.status}`;
  } catch {
    return `the backend did not answer within ${withinMs} ms`;
  }
}
