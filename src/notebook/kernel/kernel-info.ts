import { type Content, PROTOCOL_VERSION } from './wire';

export interface Versions {
  readonly kernel: string;
  readonly typescript: string;
}

/** The content of a `kernel_info_reply`. */
export function kernelInfo(versions: Versions): Content {
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'gmm-vae',
    implementation_version: versions.kernel,
    language_info: {
      name: 'typescript',
      version: versions.typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      // Classic Notebook reads `name` and `typescript`, JupyterLab `mode`.
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
      pygments_lexer: 'typescript',
      nbconvert_exporter: 'script',
    },
    banner: `TypeScript ${versions.typescript} on Node.js ${process.versions.node}, gmm-vae ${versions.kernel}`,
    help_links: [{ text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' }],
    debugger: false,
  };
}
