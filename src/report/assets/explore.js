// The page to play with: what is set stands in the page's address; the worker computes it part by part.
(() => {
  const form = document.getElementById('explore');
  const source = document.querySelector('script#live-worker').textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const plot = document.getElementById('explore-plot');
  const byId = (id) => document.getElementById(id);
  const { make, bound, Handles } = window.gmmVae;
  const handles = new Handles(plot);
  const MOST = 8;
  const START = {
    q: { type: 'normal', mean: [0], stddev: [1] },
    p: {
      type: 'mixture',
      weights: [0.4, 0.6],
      components: [
        { type: 'normal', mean: [-1.6], stddev: [0.7] },
        { type: 'normal', mean: [1.2], stddev: [0.8] },
      ],
    },
    draws: 1024,
    seed: 1,
  };

  /** Components as the page edits them: weight, mean, stddev and, in a plane, the correlation. */
  const componentsOf = (given) => {
    const normals = given.type === 'mixture' ? given.components : [given];
    return normals.map(({ mean, stddev, covariance }, k) => {
      const deviations = stddev ?? covariance.map((row, i) => Math.sqrt(row[i]));
      const rho = covariance && mean.length === 2 ? covariance[0][1] / (deviations[0] * deviations[1]) : 0;
      return { weight: given.weights?.[k] ?? 1, mean: [...mean], stddev: [...deviations], rho };
    });
  };
  const normalOf = ({ mean, stddev, rho }) => {
    if (rho === 0 || mean.length === 1) return { type: 'normal', mean, stddev };
    const [a, b] = stddev;
    return {
      type: 'normal',
      mean,
      covariance: [
        [a * a, rho * a * b],
        [rho * a * b, b * b],
      ],
    };
  };
  const distributionOf = (components) => {
    if (components.length === 1) return normalOf(components[0]);
    const total = components.reduce((sum, { weight }) => sum + weight, 0);
    return {
      type: 'mixture',
      weights: components.map(({ weight }) => weight / total),
      components: components.map(normalOf),
    };
  };

  let state = read() ?? fromSpec(START);
  function fromSpec({ q, p, draws, seed }) {
    return { q: componentsOf(q), p: componentsOf(p), draws, seed };
  }
  /** What the address says; null where it says nothing that this page could show. */
  function read() {
    try {
      const given = JSON.parse(decodeURIComponent(location.hash.slice(1)));
      const found = fromSpec(given);
      const dimension = found.q[0].mean.length;
      const all = [...found.q, ...found.p];
      const isWhole = all.every(
        ({ weight, mean, stddev, rho }) =>
          mean.length === dimension &&
          stddev.length === dimension &&
          [weight, ...mean, ...stddev, rho].every(Number.isFinite),
      );
      const numbers = [found.draws, found.seed].every(Number.isSafeInteger) && found.draws >= 2 && found.draws <= 65536;
      return isWhole && numbers && dimension <= 2 && all.length <= 2 * MOST ? found : null;
    } catch {
      return null;
    }
  }
  const spec = () => ({ q: distributionOf(state.q), p: distributionOf(state.p) });

  /** Sliders by what they set: `p.1.mean.0`. A handle of the figure moves them. */
  const sliders = new Map();
  function slider(key, name, value, [min, max, step], set) {
    const input = make('input', { type: 'range' });
    Object.assign(input, { min, max, step });
    const reading = make('span', { className: 'reading' });
    const show = (given) => {
      input.value = given;
      reading.textContent = `${name} = ${Number(input.value).toFixed(2)}`;
      input.setAttribute('aria-valuetext', reading.textContent);
    };
    const to = (given) => {
      show(given);
      set(Number(input.value));
      changed();
    };
    show(value);
    input.addEventListener('input', () => to(input.value));
    const state = () => ({ value: Number(input.value), min, max, step });
    sliders.set(key, { to, words: () => reading.textContent, state });
    return make('label', {}, reading, input);
  }

  function renderComponents(of) {
    const box = form.querySelector(`[data-of=${of}] .components`);
    const components = state[of];
    const dimension = components[0].mean.length;
    box.replaceChildren(
      ...components.map((component, k) => {
        const label = (word) => (components.length > 1 ? `${word} of component ${k + 1}` : word);
        const controls = make('div', { className: 'controls' });
        const weights =
          components.length > 1
            ? [
                slider(`${of}.${k}.weight`, label('weight'), component.weight, [0.01, 1, 0.01], (to) =>
                  Object.assign(component, { weight: to }),
                ),
              ]
            : [];
        controls.append(...weights);
        for (let i = 0; i < dimension; i++) {
          const axis = dimension > 1 ? ` ${i + 1}` : '';
          const set = (name) => (to) => {
            component[name][i] = to;
          };
          controls.append(
            slider(`${of}.${k}.mean.${i}`, label(`mean${axis}`), component.mean[i], [-6, 6, 0.05], set('mean')),
            slider(
              `${of}.${k}.stddev.${i}`,
              label(`stddev${axis}`),
              component.stddev[i],
              [0.1, 3, 0.05],
              set('stddev'),
            ),
          );
        }
        if (dimension > 1)
          controls.append(
            slider(`${of}.${k}.correlation`, label('correlation'), component.rho, [-0.95, 0.95, 0.05], (to) =>
              Object.assign(component, { rho: to }),
            ),
          );
        if (components.length > 1) {
          const remove = make('button', { type: 'button', textContent: `Remove component ${k + 1} of ${of}` });
          remove.addEventListener('click', () => {
            components.splice(k, 1);
            renderComponents(of);
            changed();
          });
          controls.append(remove);
        }
        return controls;
      }),
    );
    form.querySelector(`[data-of=${of}] .add`).disabled = components.length >= MOST;
  }

  function renderForm() {
    form.hidden = false;
    form.elements.dimension.value = String(state.q[0].mean.length);
    form.elements.draws.value = String(state.draws);
    form.elements.seed.value = String(state.seed);
    for (const of of ['q', 'p']) renderComponents(of);
  }

  let lastId = 0;
  let isComputing = false;
  let isBehind = false;
  let isChanged = false;
  /** A handle moves two sliders at once. */
  function changed() {
    if (isChanged) return;
    isChanged = true;
    queueMicrotask(follow);
  }

  let addressTimer;
  let addressAt = -Infinity;
  /** Browsers take no more than some address changes a second. */
  function keepInAddress(text) {
    const write = () => {
      addressAt = performance.now();
      history.replaceState(null, '', `#${encodeURIComponent(text)}`);
    };
    clearTimeout(addressTimer);
    const wait = addressAt + 200 - performance.now();
    if (wait > 0) addressTimer = setTimeout(write, wait);
    else write();
  }

  /** Moves that come faster than they are computed count but for the last one. */
  function follow() {
    isChanged = false;
    const { q, p } = spec();
    keepInAddress(JSON.stringify({ q, p, draws: state.draws, seed: state.seed }));
    byId('explore-spec').textContent = JSON.stringify({ q, p }, null, 2);
    byId('explore-code').textContent = codeOf(q, p);
    if (isComputing) isBehind = true;
    else ask();
  }
  function ask() {
    isComputing = true;
    isBehind = false;
    lastId += 1;
    rows.clear();
    worker.postMessage({ id: lastId, state: { ...spec(), draws: state.draws, seed: state.seed } });
  }

  const written = (normal) =>
    normal.covariance
      ? `MultivariateNormal.full(${JSON.stringify(normal.mean)}, ${JSON.stringify(normal.covariance)})`
      : `MultivariateNormal.diagonal(${JSON.stringify(normal.mean)}, ${JSON.stringify(normal.stddev)})`;
  const writtenMixture = (given) =>
    given.type === 'normal'
      ? written(given)
      : `new GaussianMixture(${JSON.stringify(given.weights)}, [\n${given.components.map((one) => `  ${written(one)},\n`).join('')}])`;
  const codeOf = (
    q,
    p,
  ) => `import { estimateKl, GaussianMixture, klBounds, MultivariateNormal, quadratureKl } from 'gmm-vae';

const q = ${writtenMixture(q)};
const p = ${writtenMixture(p)};
console.log(quadratureKl(q, p), klBounds(q, p));
console.log(estimateKl(q, p, { estimator: 'best', samples: ${state.draws}, seed: ${state.seed} }));`;

  const rows = new Map();
  let exact = null;
  const exactText = {};
  function take(answer) {
    const { kind } = answer;
    if (kind === 'figure') return draw(answer.figure);
    if (kind === 'end') {
      renderRows();
      isComputing = false;
      document.body.dataset.explored = String(lastId);
      if (isBehind) ask();
      return undefined;
    }
    if (kind === 'exact') {
      exact = answer.kl;
      exactText.kl = `KL(q‖p) = ${answer.kl} nats, by ${answer.by}`;
    } else if (kind === 'bounds') exactText.bounds = `between ${answer.bounds.lower} and ${answer.bounds.upper}`;
    else if (kind === 'failure' && answer.of === 'exact') {
      exact = null;
      exactText.kl = answer.message;
    } else if (kind === 'failure' && answer.of === 'bounds') exactText.bounds = answer.message;
    else if (kind === 'failure' && answer.of === 'spec') byId('explore-error').textContent = answer.message;
    else rows.set(answer.estimator ?? answer.of, answer);
    if (kind !== 'failure' || answer.of !== 'spec') byId('explore-error').textContent = '';
    byId('explore-exact').textContent = [exactText.kl, exactText.bounds].filter(Boolean).join('; ');
    return undefined;
  }

  const short = (value) =>
    value === null || value === undefined
      ? '—'
      : Math.abs(value) < 1e-3 && value !== 0
        ? value.toExponential(2)
        : value.toFixed(5);
  function renderRows() {
    const best = Math.min(
      ...[...rows.values()].map(({ standardError, evaluations }) =>
        standardError ? standardError ** 2 * evaluations : Infinity,
      ),
    );
    byId('explore-estimators').tBodies[0].replaceChildren(
      ...[...rows].map(([name, row]) => {
        const head = make('th', { scope: 'row', textContent: name });
        if (row.kind === 'failure') return make('tr', {}, head, make('td', { colSpan: 4, textContent: row.message }));
        const { value, standardError, evaluations } = row;
        const error = exact !== null && standardError ? (value - exact) / standardError : null;
        const wins = standardError && standardError ** 2 * evaluations === best;
        const cells = [
          short(value),
          short(standardError),
          error === null ? '—' : error.toFixed(1),
          `${evaluations}${wins ? ' (wins)' : ''}`,
        ];
        const line = make('tr', {}, head, ...cells.map((textContent) => make('td', { textContent })));
        line.dataset.value = String(value);
        return line;
      }),
    );
  }

  async function draw({ data, layout }) {
    const ink = getComputedStyle(document.body).color;
    const { template = {} } = layout;
    const axis = (given) => ({ ...given, linecolor: ink, tickcolor: ink });
    const own = template.layout ?? {};
    const inked = {
      ...template,
      layout: { ...own, font: { ...own.font, color: ink }, xaxis: axis(own.xaxis), yaxis: axis(own.yaxis) },
    };
    const library = window.gmmVae.loadPlotly();
    const drawn = {
      data,
      layout: { ...layout, template: inked },
      config: { responsive: true, displayModeBar: false },
    };
    if (plot.classList.contains('js-plotly-plot')) await window.gmmVae.redraw(plot, drawn);
    else {
      await library.newPlot(plot, drawn);
      plot.on('plotly_relayout', () => handles.place());
    }
    showHandles();
    const plane = state.q[0].mean.length > 1;
    plot.setAttribute(
      'aria-label',
      plane ? 'Contours of p, and the ellipses of q two standard deviations wide.' : layout.meta.alt,
    );
  }

  const COLOURS = { line: { q: '#2a7ab8', p: '#767c86' }, plane: { q: '#cf5a1b', p: '#2a7ab8' } };
  /** A handle for each component: on a line at its peak, in a plane at its mean. */
  function showHandles() {
    const plane = state.q[0].mean.length > 1;
    const given = ['p', 'q'].flatMap((of) => {
      const total = state[of].reduce((sum, { weight }) => sum + weight, 0);
      return state[of].map(({ weight, mean, stddev }, k) => {
        const peak = weight / total;
        const height = peak / (stddev[0] * Math.sqrt(2 * Math.PI));
        const axis = (name, i, at) => ({ control: `${of}.${k}.${name}.${i}`, at });
        return {
          label: state[of].length > 1 ? `component ${k + 1} of ${of}` : of,
          colour: COLOURS[plane ? 'plane' : 'line'][of],
          x: axis('mean', 0, mean[0]),
          y: plane ? axis('mean', 1, mean[1]) : { ...axis('stddev', 0, height), peak },
        };
      });
    });
    handles.set(given.flatMap((handle) => bound(handle, sliders) ?? []));
  }

  worker.onmessage = ({ data: { id, answer } }) => {
    if (id === lastId) take(answer);
  };
  worker.onerror = ({ message }) => {
    byId('explore-error').textContent = message;
  };
  form.addEventListener('change', ({ target }) => {
    if (target.name === 'draws') state.draws = Number(target.value);
    else if (target.name === 'seed' && Number.isSafeInteger(Number(target.value))) state.seed = Number(target.value);
    else if (target.name === 'dimension') {
      const resized = (values, other) =>
        Number(target.value) === 1 ? values.slice(0, 1) : [values[0], values[1] ?? other];
      for (const component of [...state.q, ...state.p]) {
        component.mean = resized(component.mean, 0);
        component.stddev = resized(component.stddev, 1);
        component.rho = 0;
      }
      renderForm();
    } else return;
    changed();
  });
  for (const button of form.querySelectorAll('.add')) {
    button.addEventListener('click', () => {
      const { of } = button.closest('fieldset').dataset;
      const [first] = state[of];
      state[of].push({ weight: 0.5, mean: first.mean.map((mean) => mean + 1), stddev: [...first.stddev], rho: 0 });
      renderComponents(of);
      changed();
    });
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => {
    const given = read();
    if (!given) return;
    state = given;
    renderForm();
    changed();
  });
  renderForm();
  changed();
})();
