// The licence texts of the packages that the bundles hold: most licences ask that their text goes wherever the code goes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const TEXT_FILE = /^(licen[cs]e|notice|copying)/i;

/**
 * One text with every licence and notice, and the packages it is for.
 * @param metafiles of esbuild, for every bundle that is shipped
 * @throws Error for a package without a text, unless another one of its repository has the same licence with one
 */
export function thirdPartyLicenses(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.keys(output.inputs)),
  );
  const folders = new Set(inputs.flatMap((path) => PACKAGE_FOLDER.exec(path) ?? []));
  const packages = [...folders].sort().map(readPackage);
  const packagesByText = new Map();
  for (const one of packages) {
    const text = one.text || packages.find((other) => other.text && isOfSameProject(one, other))?.text;
    const title = `${one.name} ${one.version} (${one.license})`;
    if (!text) throw new Error(`${title} is bundled, and has no licence text to ship`);
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), title]);
  }
  const sections = Array.from(packagesByText, ([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return `llm-gw contains code of these packages, under their licences.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

function readPackage(folder) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => TEXT_FILE.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return { name, version, license, repository: repository?.url, text };
}

function isOfSameProject(one, other) {
  return one.repository !== undefined && one.repository === other.repository && one.license === other.license;
}
