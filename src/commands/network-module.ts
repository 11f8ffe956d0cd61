import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImageSet } from '../data/dataset';
import { UsageError } from '../errors';
import type { Manifest } from '../vae/checkpoint/manifest';
import type { HandmadeOptions } from '../vae/networks';
import type { CommandIo } from './io';

/** A file whose default export makes the networks. */
export type ModuleFile = `${string}.${'mjs' | 'cjs' | 'js'}`;

export function isModuleFile(text: string | undefined): text is ModuleFile {
  return text !== undefined && /\.[mc]?js$/.test(text);
}

/** The value of `--network` where only a module is one. */
export function moduleArgument(text: string): ModuleFile {
  if (isModuleFile(text)) return text;
  throw new UsageError(`--network: expected the module that has made the networks, a .mjs, .cjs or .js, got '${text}'`);
}

/** What the networks are made for. */
export interface NetworkSizes extends Pick<ImageSet, 'height' | 'width'> {
  readonly channels?: number | undefined;
  /** Dimensions of z, of both levels where it has two. */
  readonly latent: number;
}

const CONTRACT = 'a function of { tf, height, width, channels, pixels, latent } that gives { encoder, decoder }';

/**
 * The networks that a module makes: its default export is {@link CONTRACT}. `tf` is given, so that a module needs no package beside it.
 *
 * @throws UsageError in one line where the file is missing, does not run, or exports something else
 */
export async function networksOf(file: ModuleFile, sizes: NetworkSizes, io: CommandIo): Promise<HandmadeOptions> {
  const path = resolve(io.cwd, file);
  const refuse = (problem: string): never => {
    throw new UsageError(`--network ${file}: ${problem}`);
  };
  const make = await exportOf(path, refuse);
  if (typeof make !== 'function') return refuse(`expected its default export to be ${CONTRACT}, got ${named(make)}`);
  const { tf } = await import('../tensors.js');
  const { height, width, channels = 1, latent } = sizes;
  let made: unknown;
  try {
    made = make({ tf, height, width, channels, pixels: height * width * channels, latent });
  } catch (error) {
    return refuse(firstLine(error));
  }
  const { encoder, decoder } = (made ?? {}) as Partial<HandmadeOptions>;
  if (!encoder || !decoder) return refuse(`expected its function to give { encoder, decoder }, got ${named(made)}`);
  return { kind: 'custom', encoder, decoder, module: { path, sha256: sha256Of(path) } };
}

async function exportOf(path: string, refuse: (problem: string) => never): Promise<unknown> {
  if (!existsSync(path)) return refuse('no such file');
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    // A CommonJS module that says `exports.default` has it one level below.
    const { default: found } = module;
    return typeof found === 'object' && found !== null && 'default' in found ? found.default : found;
  } catch (error) {
    return refuse(firstLine(error));
  }
}

/**
 * The networks of a kept model, made again by the module that is named. Null where none is named and none is needed.
 *
 * @throws UsageError where one is needed: code runs only where its user names it
 */
export async function keptNetworks(
  folder: string,
  { model, data }: Manifest,
  file: ModuleFile | undefined,
  io: CommandIo,
): Promise<HandmadeOptions | null> {
  const kept = model.network?.kind === 'custom' ? model.network.module : undefined;
  if (file !== undefined) return networksOf(file, { ...data.train, latent: model.latent }, io);
  if (!kept) return null;
  const gone = existsSync(kept.path) ? '' : ', which is missing there';
  throw new UsageError(`${folder}: its networks are made by ${kept.path}${gone}: name that module with --network FILE`);
}

/** A warning where the module is not the one that a model was kept with; null where it is, or nothing is known. */
export function changedModule(folder: string, { model }: Manifest, { module }: HandmadeOptions): string | null {
  const kept = model.network?.kind === 'custom' ? model.network.module : undefined;
  if (!kept || !module || kept.sha256 === module.sha256) return null;
  return `${module.path} has changed since ${folder} was kept; its networks have the same variables and give the same numbers`;
}

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** What was thrown, in one line. Of code that cannot be parsed, Node says the line of the file above the message. */
function firstLine(error: unknown): string {
  const { message, stack = '' } = (error ?? {}) as Partial<Error>;
  const line = /^file:.*:(\d+)\n/.exec(stack)?.[1];
  const text = String(message ?? error).split('\n')[0];
  return line === undefined ? `${text}` : `line ${line}: ${text}`;
}

function named(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  return value === null || value === undefined ? 'none' : `a ${typeof value}`;
}
