import { zipSync } from "fflate";

/** A package with one empty file: it creates a function whose real code follows as an update. */
export function placeholderZip(): Uint8Array {
  return zipSync({ placeholder: new Uint8Array() });
}
