/** The words the model can say; its tokenizer knows all other text as bytes. */
const WORDS = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((letter) => [letter, `\u2581${letter}o`, `\u2581${letter}un`]);
const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
const SPECIAL = ["<unk>", "<s>", "</s>"];
const TOKENS = [...SPECIAL, ...BYTES, "\u2581", ...WORDS];

const WIDTH = 64;
const HEADS = 4;
const FEED_FORWARD = 128;
const LAYERS = 2;
const CONTEXT = 4096;
const ALIGNMENT = 32;

/** The value types of GGUF. */
const U32 = 4;
const I32 = 5;
const F32 = 6;
const TEXT = 8;
const LIST = 9;

/** Where the weights of a tensor come from: `pick` is called for each, row by row. */
interface Tensor {
  readonly name: string;
  /** Columns first, as GGUF has them. */
  readonly shape: readonly number[];
  readonly pick: (row: number) => number;
}

/**
 * A language model of the Llama architecture as a GGUF file, a few hundred KB, with random weights that are the same each
 * time: llama.cpp loads and runs it like any other, and what it says means nothing
 * [GGUF specification: ggml-org/ggml, docs/gguf.md].
 */
export function tinyModel(): Buffer {
  const tensors = llamaTensors(randomNumbers(1));
  let offset = 0;
  const infos = tensors.map(({ name, shape }) => {
    const info = [text(name), u32(shape.length), ...shape.map((size) => u64(size)), u32(0), u64(offset)];
    offset += aligned(4 * volume(shape));
    return Buffer.concat(info);
  });
  const values = metadata();
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(values.length),
    ...values,
    ...infos,
  ]);
  const data = tensors.map(({ shape, pick }) => {
    const [columns = 1] = shape;
    const weights = Float32Array.from({ length: volume(shape) }, (_, at) => pick(Math.floor(at / columns)));
    return padded(Buffer.from(weights.buffer));
  });
  return Buffer.concat([padded(head), ...data]);
}

function llamaTensors(random: () => number): Tensor[] {
  const small = () => random() / Math.sqrt(WIDTH);
  const firstWord = TOKENS.length - WORDS.length;
  const matrix = (name: string, columns: number, rows: number): Tensor => ({
    ...{ name: `${name}.weight`, shape: [columns, rows], pick: small },
  });
  const norm = (name: string): Tensor => ({ name: `${name}.weight`, shape: [WIDTH], pick: () => 1 });
  const layers = Array.from({ length: LAYERS }, (_, index) => [
    norm(`blk.${index}.attn_norm`),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => matrix(`blk.${index}.${name}`, WIDTH, WIDTH)),
    norm(`blk.${index}.ffn_norm`),
    matrix(`blk.${index}.ffn_gate`, WIDTH, FEED_FORWARD),
    matrix(`blk.${index}.ffn_up`, WIDTH, FEED_FORWARD),
    matrix(`blk.${index}.ffn_down`, FEED_FORWARD, WIDTH),
  ]);
  // It says words alone: bytes might be no UTF-8, and the end of the text would come by chance.
  const output = { name: "output.weight", shape: [WIDTH, TOKENS.length] };
  const pick = (row: number) => (row < firstWord ? 0 : random());
  return [matrix("token_embd", WIDTH, TOKENS.length), ...layers.flat(), norm("output_norm"), { ...output, pick }];
}

function metadata(): Buffer[] {
  const kinds = TOKENS.map((token) =>
    token === "<unk>" ? 2 : SPECIAL.includes(token) ? 3 : BYTES.includes(token) ? 6 : 1,
  );
  const entry = (key: string, type: number, value: Buffer) => Buffer.concat([text(key), u32(type), value]);
  const list = (key: string, type: number, items: Buffer[]) =>
    entry(key, LIST, Buffer.concat([u32(type), u64(items.length), ...items]));
  return [
    entry("general.architecture", TEXT, text("llama")),
    entry("general.name", TEXT, text("tiny")),
    entry("general.alignment", U32, u32(ALIGNMENT)),
    entry("llama.context_length", U32, u32(CONTEXT)),
    entry("llama.embedding_length", U32, u32(WIDTH)),
    entry("llama.block_count", U32, u32(LAYERS)),
    entry("llama.feed_forward_length", U32, u32(FEED_FORWARD)),
    entry("llama.attention.head_count", U32, u32(HEADS)),
    entry("llama.rope.dimension_count", U32, u32(WIDTH / HEADS)),
    entry("llama.attention.layer_norm_rms_epsilon", F32, f32(1e-5)),
    entry("tokenizer.ggml.model", TEXT, text("llama")),
    list("tokenizer.ggml.tokens", TEXT, TOKENS.map(text)),
    list(
      "tokenizer.ggml.scores",
      F32,
      TOKENS.map((_, index) => f32(-index)),
    ),
    list("tokenizer.ggml.token_type", I32, kinds.map(u32)),
    entry("tokenizer.ggml.bos_token_id", U32, u32(1)),
    entry("tokenizer.ggml.eos_token_id", U32, u32(2)),
  ];
}

/** Numbers from -1 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
