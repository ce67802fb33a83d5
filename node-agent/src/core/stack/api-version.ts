/** Whether a version of the Docker API is not older than another, as in 1.41 and 1.9. */
export function isSince(api: string, oldest: string): boolean {
  const [major = 0, minor = 0] = api.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
