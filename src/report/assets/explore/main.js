// The page to play with: what is set stands in the page's address; the worker computes it part by part.
(() => {
  const { state: states, codeOf, Form, Results, Drawing } = window.gmmVae.explore;
  const source = document.querySelector('script#live-worker').textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const byId = (id) => document.getElementById(id);
  const results = new Results();
  const drawing = new Drawing(byId('explore-plot'));
  const told = byId('explore-address');
  /** Reads the address; says so where it cannot be read, such as a link that was cut. A place in the page is nothing to read. */
  const readAddress = (instead) => {
    const given = states.readAddress();
    const isPlace = location.hash.length < 2 || byId(location.hash.slice(1));
    told.textContent =
      given || isPlace
        ? ''
        : `What follows # in the address cannot be read, perhaps since the link was cut: ${instead}.`;
    return given;
  };
  let state = readAddress('the page begins anew') ?? states.start();
  const form = new Form(byId('explore'), state, () => {
    told.textContent = '';
    changed();
  });

  let lastId = 0;
  let isComputing = false;
  let isBehind = false;
  let isChanged = false;
  let drawn = Promise.resolve();
  /** Screen readers wait with what is still being computed. */
  const setBusy = (is) => byId('explore-estimators').setAttribute('aria-busy', String(is));

  /** A handle moves two sliders at once. */
  function changed() {
    if (isChanged) return;
    isChanged = true;
    queueMicrotask(follow);
  }

  /** Moves that come faster than they are computed count but for the last one. */
  function follow() {
    isChanged = false;
    const spec = states.specOf(state);
    const { draws, seed } = state;
    states.keepInAddress(JSON.stringify({ ...spec, draws, seed }));
    byId('explore-spec').textContent = JSON.stringify(spec, null, 2);
    byId('explore-code').textContent = codeOf(spec, state);
    if (isComputing) isBehind = true;
    else ask();
  }

  function ask() {
    isComputing = true;
    isBehind = false;
    lastId += 1;
    setBusy(true);
    results.begin();
    const { draws, seed } = state;
    worker.postMessage({ id: lastId, state: { ...states.specOf(state), draws, seed } });
  }

  function take(answer) {
    if (answer.kind === 'figure') drawn = drawing.show(answer.figure, state, form.sliders);
    else if (answer.kind === 'end') void end(lastId);
    else results.take(answer);
  }

  async function end(id) {
    results.end();
    isComputing = false;
    if (isBehind) ask();
    await drawn;
    if (id === lastId && !isComputing) setBusy(false);
  }

  worker.onmessage = ({ data: { id, answer } }) => {
    if (id === lastId) take(answer);
  };
  worker.onerror = ({ message }) => {
    byId('explore-error').textContent = message;
  };
  addEventListener('hashchange', () => {
    const given = readAddress('the page stays as it was');
    if (!given) return;
    state = given;
    form.show(state);
    changed();
  });
  form.show(state);
  changed();
})();
