/** The answer, or after so many milliseconds what stands in for it; the question goes on, and nobody hears it fail. */
export async function firstOf<T>(question: Promise<T>, patienceMs: number, instead: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(instead), patienceMs);
  });
  try {
    return await Promise.race([question, impatience]);
  } finally {
    clearTimeout(timer);
    question.catch(() => undefined);
  }
}
