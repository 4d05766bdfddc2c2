/** Output that comes bit by bit, and whoever waits for something in it. */
export class OutputSoFar {
  #rest = "";
  #look = (): void => undefined;

  add(text: string): void {
    this.#rest += text;
    this.#look();
  }

  /** What came after the last match. */
  get rest(): string {
    return this.#rest;
  }

  /** Waits until the output, which begins anew after each match, has this; gives what is up to its end. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#look = () => {
        const match = pattern.exec(this.#rest);
        if (match === null) return;
        this.#look = () => undefined;
        const end = match.index + match[0].length;
        resolve(this.#rest.slice(0, end));
        this.#rest = this.#rest.slice(end);
      };
      this.#look();
    });
  }
}
