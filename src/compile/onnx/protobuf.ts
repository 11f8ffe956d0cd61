import { Writer } from 'protobufjs/minimal';

/** Field numbers of onnx.proto3 (ONNX 1.16), only those that are written here. */
export const FIELD = {
  model: { irVersion: 1, graph: 7, opsetImport: 8 },
  opset: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, f: 2, i: 3, s: 4, ints: 8, type: 20 },
  tensor: { dims: 1, dataType: 2, name: 8, rawData: 9 },
  valueInfo: { name: 1, type: 2 },
  type: { tensorType: 1, sequenceType: 4 },
  tensorType: { elemType: 1, shape: 2 },
  sequenceType: { elemType: 1 },
  shape: { dim: 1 },
  dim: { dimValue: 1, dimParam: 2 },
} as const;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** A protobuf message under construction: each call writes one field. */
export class Message {
  private constructor(private readonly writer: Writer) {}

  static encode(write: (message: Message) => void): Uint8Array {
    const writer = Writer.create();
    write(new Message(writer));
    return writer.finish();
  }

  int(field: number, value: number): void {
    this.writer.uint32((field << 3) | VARINT).int64(value);
  }

  float(field: number, value: number): void {
    this.writer.uint32((field << 3) | FIXED32).float(value);
  }

  string(field: number, value: string): void {
    this.writer.uint32((field << 3) | BYTES).string(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.writer.uint32((field << 3) | BYTES).bytes(value);
  }

  message(field: number, write: (message: Message) => void): void {
    this.writer.uint32((field << 3) | BYTES).fork();
    write(this);
    this.writer.ldelim();
  }
}
