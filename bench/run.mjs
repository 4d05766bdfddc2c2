// All figures of docs/benchmarks.md: npm run bench. Each is set against something measured in the same minute.
for (const part of ["deploy", "local-aws", "run-packaging"]) await import(`./${part}.mjs`);
