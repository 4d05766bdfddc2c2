import { Readable } from "node:stream";

/** The answer of a function on its way to a reader, who may be slower than the function or go away early. */
export class AnswerStream {
  /** What the function calls its answer; undefined when it did not say. */
  readonly contentType: Promise<string | undefined>;
  readonly #chunks: Readable;
  #begin: (contentType: string | undefined) => void = () => {};
  #goOn: () => void = () => {};
  #ended = false;

  constructor() {
    this.contentType = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#chunks = new Readable({
      read: () => this.#goOn(),
      destroy: (error, done) => {
        this.#goOn();
        done(error);
      },
    });
    // Of a reader that broke off: nothing here depends on one.
    this.#chunks.on("error", () => {});
  }

  get chunks(): AsyncIterable<Buffer> {
    return this.#chunks;
  }

  begin(contentType: string | undefined): void {
    this.#begin(contentType);
  }

  /** Settles when the reader can take more. One that has gone takes everything: the function is not to notice. */
  async push(chunk: Buffer): Promise<void> {
    if (!this.#ended && !this.#chunks.destroyed && !this.#chunks.push(chunk)) {
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
    }
  }

  end(): void {
    this.#ended = true;
    this.#begin(undefined);
    if (!this.#chunks.destroyed) {
      this.#chunks.push(null);
    }
  }
}
