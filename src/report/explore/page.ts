import { packageFile } from '../../package';
import { exploreScript } from '../assets';
import { bundleScript } from '../live/bundle-script';
import { html } from '../markup';
import { renderPage } from '../page';

/** The page to play with, as one file: q and p in one or two dimensions, what is exact about them, and every estimator. */
export function renderExplorePage(): string {
  const body = html`<header class="title-block">
<p class="eyebrow"><a href="index.html">All reports</a></p>
<h1>Explore KL(q‖p)</h1>
<p>Any normal or mixture <var>q</var> against any <var>p</var>, in one or two dimensions: drag the sliders, or the dots in the figure. Everything is computed in this page, and its numbers are
the library’s. The address of the page keeps what you have set.</p>
</header>
<p id="explore-address" class="live-error" role="alert"></p>
<noscript><p class="no-script">This page computes, and needs scripts for that.</p></noscript>
<form id="explore" class="explore" hidden>
<div class="controls live-controls">
<label><span class="reading">Dimensions</span><select name="dimension"><option>1</option><option>2</option></select></label>
<label><span class="reading">Draws</span><select name="draws"><option>64</option><option>256</option><option selected>1024</option><option>4096</option><option>16384</option></select></label>
<label><span class="reading">Seed</span><input type="number" name="seed" step="1" value="1"></label>
</div>
<fieldset data-of="q"><legend>q</legend><div class="components"></div><button type="button" class="add">Add a component to q</button></fieldset>
<fieldset data-of="p"><legend>p</legend><div class="components"></div><button type="button" class="add">Add a component to p</button></fieldset>
</form>
<figure class="explored"><div id="explore-plot" role="img" aria-label="q and p"></div></figure>
<p id="explore-error" class="live-error" role="alert"></p>
<p id="explore-exact" class="explore-exact" role="status"></p>
<div class="output html scroll"><table id="explore-estimators"><caption>Estimates of KL(q‖p), in nats. <b>Error</b>: distance from the exact value in standard errors.</caption>
<thead><tr><th scope="col">estimator</th><th scope="col">estimate</th><th scope="col">standard error</th><th scope="col">error</th><th scope="col">evaluations</th></tr></thead>
<tbody></tbody></table></div>
<h2 id="take">Take it with you</h2>
<details class="code"><summary>SPEC for <code>gmm-vae kl</code></summary><div class="listing"><button type="button" class="copy">Copy</button><pre><code id="explore-spec"></code></pre></div></details>
<details class="code"><summary>Code</summary><div class="listing"><button type="button" class="copy">Copy</button><pre><code id="explore-code"></code></pre></div></details>`;
  return renderPage({
    title: 'Explore KL(q‖p)',
    body,
    headings: [],
    hasFigures: true,
    worker: exploreWorker(),
    script: exploreScript(),
  });
}

/** The script of the page's worker. */
function exploreWorker(): string {
  const entry = packageFile('dist', 'browser', 'explore.mjs');
  return bundleScript(`import { serveExplore } from ${JSON.stringify(entry)};
serveExplore(self, () => new Promise((done) => setTimeout(done)));`);
}
