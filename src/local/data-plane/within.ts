/** What comes first: the answer, or the end of the time in milliseconds. What is late is not stopped, as on AWS. */
export async function within<Answer>(timeoutMs: number, answer: Promise<Answer>, late: Answer): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(late), timeoutMs);
  });
  try {
    return await Promise.race([answer, expired]);
  } finally {
    clearTimeout(timer);
  }
}
