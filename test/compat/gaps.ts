/** A test that fails against an emulator because of the emulator. */
export interface Gap {
  /** The test's file, groups and name, as vitest writes them: `main-job > group > name`. */
  readonly test: string;
  /** What its failure says. Any other failure counts. */
  readonly fails: RegExp;
  /** What the emulator does otherwise than AWS. */
  readonly because: string;
  /** It fails only when processes happen to meet in the wrong moment, so it may also pass. */
  readonly isRace?: true;
}
