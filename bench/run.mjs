// All figures of the README: npm run bench. Each is set against something measured in the same minute.
import "./deploy.mjs";
import "./run-packaging.mjs";
