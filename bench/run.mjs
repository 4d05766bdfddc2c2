// All figures of docs/benchmarks.md: npm run bench. Each is set against something measured in the same minute.
for (const part of ["cli", "deploy", "dev", "handler", "local-aws", "run-packaging"]) await import(`./${part}.mjs`);
