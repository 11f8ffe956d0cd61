// JupyterLab and Notebook 7 load this file as a prebuilt extension: a module-federation container, which is small enough to be written
// by hand. When it is installed, lab-figure.js, lab-widgets.js and jupyterlab.js stand behind it in one file.
(() => {
  const base = document.currentScript.src;
  /** What JupyterLab shares with its extensions: module → version → getter. */
  let scope;
  const loading = new Map();

  const init = (shareScope) => {
    scope = shareScope;
  };

  async function shared(name) {
    const versions = Object.values(scope?.[name] ?? {});
    // Another extension may have brought one of its own; widgets have to be of the kind that the page is made of.
    const version = versions.find(({ loaded }) => loaded) ?? versions[0];
    if (!version) throw new Error(`gmm-vae-figures: this JupyterLab shares no ${name}`);
    return (await version.get())();
  }

  /** Loads a script that lies beside this one, once. */
  function load(name) {
    if (!loading.has(name)) {
      const script = document.createElement('script');
      script.src = new URL(name, base).href;
      const loaded = new Promise((resolve, reject) => {
        script.onload = () => resolve();
        script.onerror = () => reject(new Error(`could not load ${script.src}`));
      });
      loading.set(name, loaded);
      document.head.appendChild(script);
    }
    return loading.get(name);
  }

  window.gmmVaeLab = { init, load, shared };
})();
