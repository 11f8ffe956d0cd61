import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { matrixFlops } from '../../src/bench/reference-vae';
import { registerBench } from '../../src/commands/bench';
import type { CommandIo } from '../../src/commands/io';

async function run(...args: string[]): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const io = { stdout, stderr: stdout, signal: new AbortController().signal } as unknown as CommandIo;
  registerBench(program.command('bench'), io);
  await program.parseAsync(['bench', ...args], { from: 'user' });
  return text;
}

const TINY = ['--hidden', '8', '--latent', '2', '--components', '3', '--batch', '4', '--rounds', '2', '--steps', '2'];

describe('gmm-vae bench', () => {
  it('prints one JSON object with device, milliseconds, peer and ratio', async () => {
    const result = JSON.parse(await run(...TINY, '--no-peer', '--json'));
    expect(result).toMatchObject({ device: 'cpu', peer: null, ratio: null, sizes: { hidden: 8, components: 3 } });
    const { median, min, max } = result.msPerStep;
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(max).toBeGreaterThanOrEqual(median);
    expect(result.processorMsPerStep.max).toBeGreaterThan(0);
    expect(Number.isFinite(result.firstLoss.compiled)).toBe(true);
  });

  it('prints text without --json', async () => {
    expect(await run(...TINY, '--no-peer', '--gated')).toMatch(
      /784-8-8-2 gated, K=3, batch 4, Adam, on cpu \(asked for\)\n {2}compiled .* ms/,
    );
  });

  it('times the step that train runs with --library', async () => {
    const result = JSON.parse(await run(...TINY, '--gated', '--library', '--no-peer', '--json'));
    expect(result).toMatchObject({ device: 'cpu', sizes: { library: true, gated: true, components: 3 } });
    expect(result.msPerStep.min).toBeGreaterThan(0);
    // 784 ln 2, from a decoder that gives every pixel even odds.
    expect(Math.abs(result.firstLoss.compiled - 543)).toBeLessThan(60);
  });

  it('refuses a peer that cannot be started, in one line', async () => {
    await expect(run(...TINY, '--python', '/no/such/python')).rejects.toThrow(
      /the peer \/no\/such\/python cannot be started: .*ENOENT/,
    );
  });

  it('says what a peer without PyTorch said before it ended, in one line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-peer-'));
    const python = join(folder, 'python');
    writeFileSync(
      python,
      '#!/bin/sh\necho Traceback >&2\necho "ModuleNotFoundError: No module named \'torch\'" >&2\nexit 1\n',
    );
    chmodSync(python, 0o755);
    await expect(run(...TINY, '--python', python)).rejects.toThrow(
      `the peer ${python} ended with 1: ModuleNotFoundError: No module named 'torch'; --no-peer leaves it out`,
    );
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['--batch', '0'],
    ['--rounds', 'many'],
  ])('refuses %s %s', async (option, value) => {
    await expect(run(option, value)).rejects.toThrow(`${option}: expected a positive whole number, got '${value}'`);
  });

  it('counts the matrix products of the reference step: three per weight, less the gradient by the pixels', () => {
    const sizes = { pixels: 784, hidden: 512, latent: 16, components: 10, batch: 128 };
    const weights = 784 * 512 + 512 * 512 + 512 * 32 + 16 * 512 + 512 * 512 + 512 * 784;
    expect(matrixFlops(sizes)).toBe(2 * 128 * (3 * weights - 784 * 512));
  });
});
