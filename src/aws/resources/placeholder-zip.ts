/** A package with one empty file: it creates a function whose real code follows as an update. */
export async function placeholderZip(): Promise<Uint8Array> {
  // Loaded only for a function with much code whose role is not ready.
  const { zipSync } = await import("fflate");
  return zipSync({ placeholder: new Uint8Array() });
}
