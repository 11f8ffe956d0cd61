// Holds the floors, forbids cycles and keeps each heavy package in one room. `npm run floors` cruises the build, so it sees what runs:
// imports of types alone are gone there.
const FLOORS = require('./tools/floors.cjs');

const place = (room) => `^dist/${room}(/|\\.js$)`;
const above = FLOORS.map((_, floor) => FLOORS.slice(floor + 1).flat());
const rules = FLOORS.flatMap((rooms, floor) =>
  above[floor].length === 0
    ? []
    : [
        {
          name: `floor ${floor} imports from no floor above`,
          severity: 'error',
          from: { path: rooms.map(place) },
          to: { path: above[floor].map(place) },
        },
      ],
);

/** Heavy packages and the one room that imports each. */
const HEAVY = {
  'onnxruntime-node': ['compile'],
  tslab: ['notebook'],
  'plotly.js-cartesian-dist-min': ['report'],
  'danfojs-node': ['figures'],
  'playwright-core': ['report'],
  'sanitize-html': ['report'],
  vega: ['report'],
  'vega-lite': ['report'],
  '@tensorflow/tfjs': ['tensors'],
  zeromq: ['notebook'],
  sharp: ['data'],
  yauzl: ['data'],
  hyparquet: ['data'],
  'csv-parse': ['data'],
  esbuild: ['report'],
};

module.exports = {
  forbidden: [
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rules,
    ...Object.entries(HEAVY).map(([name, rooms]) => ({
      name: `${name} is imported in one room`,
      severity: 'error',
      from: { path: '^dist/', pathNot: rooms.map(place) },
      to: { path: `^node_modules/${name.replace(/\./g, '\\.')}/` },
    })),
    {
      name: 'every room stands on a floor',
      severity: 'error',
      from: { path: '^dist/', pathNot: FLOORS.flat().map(place) },
      to: {},
    },
  ],
  options: { doNotFollow: { path: 'node_modules' }, exclude: { path: '\\.d\\.ts$' } },
};
