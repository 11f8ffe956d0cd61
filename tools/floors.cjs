// The floors of src/, from the ground up: a room may import from its own floor and from those below. dependency-cruiser holds them
// (.dependency-cruiser.cjs), and CONTRIBUTING.md shows them.
module.exports = [
  [
    'errors',
    'nth',
    'words',
    'schema-problem',
    'text-files',
    'yaml-files',
    'files',
    'package',
    'build-record',
    'display',
    'native-addon',
  ],
  ['math', 'threads', 'tensors', 'eager-products'],
  ['distributions'],
  ['kl', 'data', 'compile'],
  ['figures', 'live', 'vae'],
  ['notebook', 'reproduce', 'sweep'],
  ['report', 'bench'],
  ['doctor'],
  ['commands'],
  ['cli', 'index', 'browser'],
];
