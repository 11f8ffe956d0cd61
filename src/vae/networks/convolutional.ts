import { InvalidArgumentError } from '../../errors';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import { MODEL_OPTIONS } from '../model-table';
import { checkOption } from '../option';
import { groupNorm } from './group-norm';
import { checkActivation, type HiddenKind, hiddenLayers } from './hidden';
import { double, halve, type ImageLayer, inSequence, rectified, residualBlock, type Size } from './images';
import { affine, checkSize, type Layer, type NamedVariables, variable } from './layers';
import type { NetworkShape, Networks } from './networks';

/** Strided convolutions down to the code and transposed ones back, with residual blocks between them. */
export interface ConvolutionOptions {
  readonly kind: 'conv';
  /** Height of the images, in pixels. */
  readonly height: number;
  /** Width of the images, in pixels. */
  readonly width: number;
  /** Colours of a pixel. Default: 1. */
  readonly channels?: number | undefined;
  /** Feature maps after each halving of height and width, from the image on. Default: 32 and 64, as far as the image can be halved. */
  readonly maps?: readonly number[] | undefined;
  /** Residual blocks after each halving. Default: 1. */
  readonly blocks?: number | undefined;
  /** What the dense hidden layers between the feature maps and the code apply. Default: `relu`. */
  readonly activation?: HiddenKind | undefined;
}

/** The options with none left out. */
type CompletedConvolution = { readonly [K in keyof ConvolutionOptions]-?: Exclude<ConvolutionOptions[K], undefined> };

/** Fills in what is left out. */
export function completedConvolution(options: ConvolutionOptions): CompletedConvolution {
  const { kind, height, width, channels = 1, activation = 'relu' } = options;
  const { featureMaps, residualBlocks } = MODEL_OPTIONS;
  const { maps = featureMaps.default.slice(0, halvings(height, width)) } = options;
  const { blocks = residualBlocks.default } = options;
  return { kind, height, width, channels, maps, blocks, activation };
}

/** How often an image can be halved until its shorter side is one pixel. */
function halvings(height: number, width: number): number {
  return Math.ceil(Math.log2(Math.min(height, width)));
}

/** One resolution: its size, and the feature maps there. */
interface Level {
  readonly size: Size;
  readonly maps: number;
}

/** @throws InvalidArgumentError on sizes that are none, do not fit the rows, or are halved past one pixel */
export function convolutionalNetworks(options: ConvolutionOptions, shape: NetworkShape): Networks {
  const levels = levelsOf(options, shape.pixels);
  const { channels, blocks, activation } = completedConvolution(options);
  checkOption(MODEL_OPTIONS.residualBlocks, blocks, 'network.blocks');
  checkActivation(activation, ['relu', 'tanh', 'gated']);
  const image: Level = { size: [options.height, options.width], maps: channels };
  const widest = Math.max(
    shape.start.length,
    ...levels.map(({ size: [height, width], maps }) => height * width * maps),
    ...shape.hidden,
  );
  return {
    encoder: encoderOf([image, ...levels], { blocks, activation }, shape),
    decoder: decoderOf([image, ...levels], { blocks, activation }, shape),
    widest,
  };
}

type Inside = Pick<CompletedConvolution, 'blocks' | 'activation'>;

function encoderOf(levels: readonly Level[], { blocks, activation }: Inside, shape: NetworkShape): Layer {
  const stream = shape.stream('encoder');
  const image = nth(levels, 0);
  const down = levels
    .slice(1)
    .flatMap(({ maps }, i) => [
      halve(`encoder/down${i + 1}`, { from: nth(levels, i).maps, to: maps }, stream),
      ...blocksOf(`encoder/down${i + 1}`, maps, blocks, stream),
    ]);
  const last = nth(levels, -1);
  const features = inSequence([...down, groupNorm('encoder/norm', last.maps), rectified]);
  const flat = numbersIn(last);
  const hidden = hiddenLayers(
    'encoder',
    { kind: activation, initialiser: shape.initialiser },
    [flat, ...shape.hidden],
    stream,
  );
  const sizes = { inputs: shape.hidden.at(-1) ?? flat, outputs: shape.codes };
  const output = affine('encoder/output', sizes, 'glorot', stream);
  return {
    variables: merged(features, hidden, output),
    apply: (x) => output.apply(hidden.apply(tf.reshape(features.apply(imagesOf(x, image)), [x.shape[0], flat]))),
  };
}

function decoderOf(levels: readonly Level[], { blocks, activation }: Inside, shape: NetworkShape): Layer {
  const { latent, kinds, start } = shape;
  const stream = shape.stream('decoder');
  const last = nth(levels, -1);
  const back = [latent, ...shape.hidden.toReversed()];
  const hidden = hiddenLayers('decoder', { kind: activation, initialiser: shape.initialiser }, back, stream);
  const sizes = { inputs: nth(back, -1), outputs: numbersIn(last) };
  const features = affine('decoder/features', sizes, 'glorot', stream);
  const up = levels.slice(1).flatMap(({ maps }, i) => {
    const { size, maps: above } = nth(levels, i);
    const name = `decoder/up${i + 1}`;
    const to = i === 0 ? kinds.reduce((sum, width) => sum + width, 0) : above;
    return [
      [
        ...blocksOf(name, maps, blocks, stream),
        groupNorm(`${name}/norm`, maps),
        rectified,
        double(name, { from: maps, to }, { size, bias: i > 0 }, stream),
      ],
    ];
  });
  const images = inSequence(up.toReversed().flat());
  const bias = variable(start, [start.length]);
  return {
    variables: new Map([...merged(hidden, features, images), ['decoder/output/bias', bias]]),
    apply: (z) => {
      const { size, maps } = last;
      const raw = images.apply(tf.reshape(features.apply(hidden.apply(z)), [z.shape[0], maps, ...size]));
      return tf.add(kindByKind(raw, kinds), bias);
    },
  };
}

/** `[n, outputs of a place, height, width]` as rows in which the outputs of one kind lie together, place after place. */
export function kindByKind(raw: tf.Tensor4D, kinds: readonly number[]): tf.Tensor2D {
  const [n, , height, width] = raw.shape;
  const places = height * width;
  const runs = runsOf(kinds);
  const sizes = runs.map(({ count, width: each }) => count * each);
  const parts = sizes.length === 1 ? [raw] : tf.split(raw, sizes, 1);
  const rows = parts.map((part, i) => {
    const { count, width: each } = nth(runs, i);
    const apart = tf.transpose(tf.reshape(part, [n, count, each, places]), [0, 1, 3, 2]);
    return tf.reshape(apart, [n, count * each * places]) as tf.Tensor2D;
  });
  return rows.length === 1 ? nth(rows, 0) : tf.concat(rows, 1);
}

interface Run {
  readonly count: number;
  readonly width: number;
}

/** Kinds of one width that follow each other. */
function runsOf(kinds: readonly number[]): Run[] {
  const starts = kinds.flatMap((width, i) => (width === kinds[i - 1] ? [] : [i]));
  return starts.map((first, i) => ({
    count: (starts[i + 1] ?? kinds.length) - first,
    width: nth(kinds, first),
  }));
}

function blocksOf(name: string, maps: number, count: number, stream: Parameters<typeof residualBlock>[2]) {
  return Array.from({ length: count }, (_, i) => residualBlock(`${name}/block${i + 1}`, maps, stream));
}

const numbersIn = ({ size: [height, width], maps }: Level): number => height * width * maps;

/** Rows, the channels of a pixel side by side, as images with the channels first. */
function imagesOf(rows: tf.Tensor2D, { size: [height, width], maps }: Level): tf.Tensor4D {
  return tf.transpose(tf.reshape(rows, [rows.shape[0], height, width, maps]), [0, 3, 1, 2]);
}

function merged(...parts: readonly (ImageLayer | Layer)[]): NamedVariables {
  return new Map(parts.flatMap(({ variables }) => [...variables]));
}

/** The resolutions after each halving. */
function levelsOf(options: ConvolutionOptions, pixels: number): Level[] {
  const { height, width, channels, maps: chosen } = completedConvolution(options);
  for (const [name, size] of Object.entries({ height, width, channels })) checkSize(`network.${name}`, size);
  if (height * width * channels !== pixels) {
    throw new InvalidArgumentError(
      'network',
      `expected ${pixels} numbers an image, got ${height}·${width}·${channels}`,
    );
  }
  const most = halvings(height, width);
  if (most === 0) {
    throw new InvalidArgumentError(
      'network.kind',
      `expected dense for images of ${height}×${width} pixels, which cannot be halved`,
    );
  }
  if (chosen.length === 0 || chosen.length > most) {
    const many = `1 to ${most} numbers for images of ${height}×${width}, which can be halved so often`;
    throw new InvalidArgumentError('network.maps', `expected ${many}, got ${chosen.length}`);
  }
  checkOption(MODEL_OPTIONS.featureMaps, chosen, 'network.maps');
  return chosen.map((count, i) => {
    const halved = (n: number): number => Math.ceil(n / 2 ** (i + 1));
    return { size: [halved(height), halved(width)], maps: count };
  });
}
