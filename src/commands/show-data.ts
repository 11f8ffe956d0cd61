import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import type { ImageSet } from '../data/dataset';
import type { LoadedImages } from '../data/load';
import type { SetSummary } from '../data/summary';
import { UsageError } from '../errors';
import { printable } from '../text-files';
import { addDataOptions, type DataFlags, loadOptionsOf } from './data-options';
import { type CommandIo, hasColours } from './io';
import { positiveInteger } from './numbers';
import { terminalSheet } from './terminal-sheet';
import { checkOutput } from './use/outputs';
import { folderPath } from './vae-options';

interface Flags extends DataFlags {
  readonly output?: string;
  readonly images: number;
  readonly json?: boolean;
}

const HELP = `
Examples:
  gmm-vae data photos --resize 32x32 --output sheet.png
  gmm-vae data digits.csv --label-column label --shape 28x28 --white 255
  gmm-vae data mnist         downloads MNIST; for a folder of that name, write ./mnist`;

/** `gmm-vae data PATH`: what is read of a person's own files. */
export function registerShowData(data: Command, io: CommandIo): void {
  data.addArgument(new Argument('[path]', 'a file or folder of your own: show what is read of it'));
  addDataOptions(data)
    .option('--images <n>', 'how many to show', positiveInteger('--images'), 48)
    .option('--output <file.png>', 'write the first images as one picture', folderPath('--output'))
    .option('--json', 'print {"format", "split", "sets", "classes", "warnings", "notes"} as JSON')
    .addHelpText('after', HELP)
    .action((path: string | undefined, flags: Flags) => show(path, flags, data, io));
}

async function show(path: string | undefined, flags: Flags, command: Command, io: CommandIo): Promise<void> {
  if (path === undefined) {
    io.stdout.write(command.helpInformation());
    return;
  }
  if (flags.output !== undefined) checkOutput(flags.output, ['.png'], io);
  if (path.trim() === '') throw new UsageError(`data: expected a file or folder, got '${path}'`);
  const [{ loadImages }, { summarizeImages }, { warningsOf }] = await Promise.all([
    import('../data/load.js'),
    import('../data/summary.js'),
    import('../data/warnings.js'),
  ]);
  const loaded = await loadImages(resolve(io.cwd, path), { ...loadOptionsOf(flags), signal: io.signal });
  const sets = [loaded.train, ...(loaded.validation ? [loaded.validation] : []), loaded.test];
  const summaries = sets.map(summarizeImages);
  const warnings = warningsOf(sets, summaries);
  if (flags.json) {
    const { format, split, notes, train } = loaded;
    const classes = train.classes ?? null;
    io.stdout.write(`${JSON.stringify({ format, split, sets: summaries, classes, warnings, notes }, null, 2)}\n`);
  } else print(loaded, { summaries, warnings, images: flags.images }, io);
  // Last, so that whoever has numbers that no picture can show reads which they are.
  if (flags.output !== undefined) await writeSheet(loaded.train, flags.images, resolve(io.cwd, flags.output));
}

interface Seen {
  readonly summaries: readonly SetSummary[];
  readonly warnings: readonly string[];
  readonly images: number;
}

function print(loaded: LoadedImages, { summaries, warnings, images }: Seen, io: CommandIo): void {
  io.stdout.write(`${describe(loaded, summaries)}\n`);
  if (hasColours(io.stdout, io.env)) io.stdout.write(terminalSheet(loaded.train, images, io.stdout.columns ?? 80));
  for (const note of loaded.notes) io.stdout.write(`note: ${printable(note)}\n`);
  for (const warning of warnings) io.stderr.write(`gmm-vae: warning: ${printable(warning)}\n`);
}

function describe({ format, split, train }: LoadedImages, summaries: readonly SetSummary[]): string {
  const lines = summaries.map(
    ({ name, count, shape, kind, smallest, largest, mean }) =>
      `${name}: ${count} of ${shape}, ${kind} from ${number(smallest)} to ${number(largest)}, mean ${number(mean)}`,
  );
  const how =
    split === 'files'
      ? 'training and test images as the files name them'
      : 'test images drawn by the seed of the split';
  return [`${format}, ${how}`, ...lines, ...columns(train), ...summaries.slice(0, 1).map(classes)].join('\n');
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function columns(set: ImageSet): string[] {
  if (!set.columns) return [];
  const names = set.columns.map(({ name, levels }) => (levels ? `${name} (${levels.length} categories)` : name));
  return [printable(`columns: ${names.slice(0, 20).join(', ')}${names.length > 20 ? `, … (${names.length})` : ''}`)];
}

function classes({ labels }: SetSummary): string {
  if (!labels) return 'labels: none';
  const counts = Object.entries(labels);
  const shown = counts.slice(0, 20).map(([name, count]) => `${name} ${count}`);
  const more = counts.length > 20 ? ', …' : '';
  return printable(`labels of the training images: ${counts.length} classes: ${shown.join(', ')}${more}`);
}

async function writeSheet(set: ImageSet, most: number, path: string): Promise<void> {
  const [{ imageGrid }, { intensities }, { takeImages }, { writeAtomically }] = await Promise.all([
    import('../figures/image-grid.js'),
    import('../data/intensities.js'),
    import('../data/dataset.js'),
    import('../files.js'),
  ]);
  const { height, width, channels = 1 } = set;
  const some = takeImages(set, Math.min(most, set.count));
  const columns = Math.min(some.count, Math.max(1, Math.round(Math.sqrt((some.count * 1.5 * height) / width))));
  const images = intensities(some);
  const beyond = images.find((value) => !(value >= 0 && value <= 1));
  if (beyond !== undefined) {
    const problem = `a picture shows intensities from 0 to 1, and ${set.name} has ${beyond}`;
    const remedy =
      beyond < 0 ? 'leave --output out' : 'name the number that is white with --white, or leave --output out';
    throw new UsageError(`--output: ${problem}; ${remedy}`);
  }
  const grid = imageGrid({ images, columns, height, width, channels, tone: 'light', alt: set.name });
  await writeAtomically(path, grid.png);
}
