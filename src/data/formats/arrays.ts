import { InvalidArgumentError, UsageError } from '../../errors';
import { type Part, partOf, type ReadPart } from './part';

/** What an array is, by its name in an archive or a folder. */
type Role = 'images' | 'labels';

const ROLE_WORDS: readonly (readonly [RegExp, Role])[] = [
  [/(^|[^a-z])(y|labels?|targets?|classes)([^a-z]|$)/i, 'labels'],
  [/(^|[^a-z])(x|images?|imgs?|data|features|arr_0)([^a-z]|$)/i, 'images'],
];

function roleOf(name: string): Role | null {
  return ROLE_WORDS.find(([word]) => word.test(name))?.[1] ?? null;
}

/** Names that say a part and nothing else: `train`, `test`. */
const PART_ALONE = /^(train|training|val|valid|validation|dev|test|testing|t10k)$/i;

/** Whether an array holds images: by its name, or for a part alone where no other array is called the images of that part. */
function holdsImages({ name }: NamedArray, arrays: readonly NamedArray[]): boolean {
  const role = roleOf(name);
  if (role !== null || !PART_ALONE.test(name)) return role === 'images';
  return !arrays.some((other) => roleOf(other.name) === 'images' && partOf(other.name) === partOf(name));
}

/** An array by name, read when asked. */
export interface NamedArray {
  readonly name: string;
  readonly readImages: () => Promise<ReadPart>;
  readonly readLabels: () => Promise<number[]>;
}

/**
 * Pairs arrays of images with those of their labels by their names: `x_train` or `train` with `y_train`, `test_images` with `test_labels`.
 * A single array may be called anything.
 *
 * @throws UsageError where it is not clear which is which, or counts differ
 */
export async function pairArrays(arrays: readonly NamedArray[], source: string): Promise<ReadPart[]> {
  const images = arrays.length === 1 ? arrays : arrays.filter((array) => holdsImages(array, arrays));
  const names = arrays.map(({ name }) => name).join(', ');
  if (images.length === 0) {
    throw new UsageError(
      `${source}: no array of images: expected names such as x_train, train, images or data, got ${names || 'none'}`,
    );
  }
  const labels = arrays.length === 1 ? [] : arrays.filter(({ name }) => roleOf(name) === 'labels');
  const others = arrays.filter((array) => !images.includes(array) && !labels.includes(array));
  const idle = labels.filter(({ name }) => !images.some((array) => partOf(array.name) === partOf(name)));
  const read: ReadPart[] = [];
  for (const array of images) {
    const part = partOf(array.name);
    if (images.some((other) => other !== array && partOf(other.name) === part)) {
      throw new UsageError(`${source}: more than one array of ${part ?? 'all'} images: ${names}`);
    }
    const [own, another] = labels.filter(({ name }) => partOf(name) === part);
    if (another) throw new UsageError(`${source}: more than one array of ${part ?? 'all'} labels: ${names}`);
    read.push(await readPair(array, own ?? null, part, source));
  }
  const notes = [
    ...others.map(({ name }) => `${name}: neither images nor labels by its name, left alone`),
    ...idle.map(({ name }) => `${name}: labels of no array of images by its name, left alone`),
  ];
  return read.map((part, i) => (i === 0 ? { ...part, notes } : part));
}

async function readPair(
  images: NamedArray,
  labels: NamedArray | null,
  part: Part | null,
  source: string,
): Promise<ReadPart> {
  const read = await images.readImages();
  if (!labels) return { ...read, part };
  return { ...read, part, labels: checkCount(await labels.readLabels(), read.count, `${source}: ${labels.name}`) };
}

/** @throws InvalidArgumentError unless there is one label for each image */
export function checkCount<L extends { readonly length: number }>(labels: L, count: number, name: string): L {
  if (labels.length === count) return labels;
  throw new InvalidArgumentError(name, `expected one label for each of ${count} images, got ${labels.length}`);
}
