// What the worker of the page to play with has computed, in words and in the table of estimators.
(() => {
  const { make } = window.gmmVae;
  const byId = (id) => document.getElementById(id);

  const short = (value) =>
    value === null || value === undefined
      ? '—'
      : (Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(2) : value.toFixed(5)).replace(/^-/, '−');

  class Results {
    #rows = new Map();
    #exact = null;
    #text = {};

    /** Forgets the estimates of a state that is left. */
    begin() {
      this.#rows.clear();
    }

    /** Takes one part of an answer. */
    take(answer) {
      const { kind } = answer;
      const failed = kind === 'failure' ? answer.of : undefined;
      if (failed === 'spec') {
        // Numbers of what was set before would stand for what is set now.
        this.#exact = null;
        this.#text = {};
      } else if (kind === 'exact') {
        this.#exact = answer.kl;
        this.#text.kl = `KL(q‖p) = ${answer.kl} nats, by ${answer.by}`;
      } else if (kind === 'bounds') this.#text.bounds = `between ${answer.bounds.lower} and ${answer.bounds.upper}`;
      else if (failed === 'exact') {
        this.#exact = null;
        this.#text.kl = answer.message;
      } else if (failed === 'bounds') this.#text.bounds = answer.message;
      else this.#rows.set(answer.estimator ?? answer.of, answer);
      byId('explore-error').textContent = failed === 'spec' ? answer.message : '';
      byId('explore-exact').textContent = [this.#text.kl, this.#text.bounds].filter(Boolean).join('; ');
    }

    /** Shows the estimators: the one with the smallest variance for its evaluations wins. */
    end() {
      // An estimator without variance has the value at once; one without a standard error says nothing of its own.
      // What has a warning, as a bias or a variance that is infinite, cannot win by its standard error.
      const cost = ({ standardError, evaluations, warnings = [] }) =>
        typeof standardError === 'number' && warnings.length === 0 ? standardError ** 2 * evaluations : Infinity;
      const best = Math.min(...[...this.#rows.values()].map(cost));
      const lines = [...this.#rows].flatMap(([name, row]) =>
        this.#line(name, row, cost(row) === best && best < Infinity),
      );
      byId('explore-estimators').tBodies[0].replaceChildren(...lines);
    }

    #line(name, row, wins) {
      const head = make('th', { scope: 'row', textContent: wins ? `${name} (wins)` : name });
      if (row.kind === 'failure') return [make('tr', {}, head, make('td', { colSpan: 4, textContent: row.message }))];
      const { value, standardError, evaluations, warnings } = row;
      const error = this.#exact !== null && standardError ? (value - this.#exact) / standardError : null;
      const cells = [
        short(value),
        short(standardError),
        error === null ? '—' : error.toFixed(1).replace('-', '−'),
        String(evaluations),
      ];
      const line = make('tr', {}, head, ...cells.map((textContent) => make('td', { textContent })));
      line.dataset.value = String(value);
      const note = (textContent) => make('tr', {}, make('td', { className: 'note', colSpan: 5, textContent }));
      return [line, ...warnings.map(note)];
    }
  }
  window.gmmVae.explore = { ...window.gmmVae.explore, Results };
})();
