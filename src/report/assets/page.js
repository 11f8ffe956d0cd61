// The page around the figures: contents that follow the reader, copy buttons, folding, light and dark.
(() => {
  const root = document.documentElement;
  root.classList.add('scripted');

  // Whatever scrolls sideways can be reached and scrolled with the keyboard.
  function markScrollers() {
    for (const box of document.querySelectorAll('.equation .katex-display, .scroll, pre')) {
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
      else box.removeAttribute('tabindex');
    }
  }
  const ON_SCREEN = 0.75;
  /** Sets what is wider than its column smaller: all of it for paper, which cannot scroll; equations a little on a screen. */
  function fitToPaper(on) {
    for (const box of document.querySelectorAll('.equation .katex-display, .scroll')) {
      box.style.zoom = '';
      const ratio = box.clientWidth / box.scrollWidth;
      const least = on ? 0 : box.matches('.scroll') ? 1 : ON_SCREEN;
      if (ratio < 0.995 && least < 1) box.style.zoom = String(Math.max(ratio, least));
    }
    for (const frame of document.querySelectorAll('iframe.frame')) {
      Object.assign(frame.style, { transform: '', width: '', margin: '' });
      const { width } = frame.dataset;
      const ratio = frame.clientWidth / Number(width ?? 0);
      if (!on || ratio > 0.995) continue;
      // Zoom stops at a frame's border; a scaled frame leaves the room it had, which the margin takes back.
      const margin = `0 ${(ratio - 1) * width}px ${(ratio - 1) * frame.offsetHeight}px 0`;
      Object.assign(frame.style, { transform: `scale(${ratio})`, width: `${width}px`, margin });
    }
  }
  function fitToScreen() {
    fitToPaper(false);
    markScrollers();
  }
  fitToScreen();
  document.fonts.ready.then(fitToScreen);
  addEventListener('resize', () => matchMedia('print').matches || fitToScreen());
  document.addEventListener('toggle', markScrollers, true);
  addEventListener('beforeprint', () => fitToPaper(true));
  addEventListener('afterprint', () => fitToPaper(false));

  /** A frame out of sight says nothing about itself until it is asked: asks until all have said what is waited for. */
  async function ask(frames, hasSaid) {
    for (let i = 0; i < 100; i++) {
      const silent = frames.filter((frame) => !hasSaid(frame));
      if (silent.length === 0) return;
      for (const { contentWindow } of silent) contentWindow.postMessage('height', '*');
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  /** Loads the frames far below the fold too, and waits until they have said how large they are. */
  async function loadFrames() {
    const frames = [...document.querySelectorAll('iframe.frame')].filter((frame) => !frame.style.height);
    for (const frame of frames) Object.assign(frame, { loading: 'eager', srcdoc: frame.srcdoc });
    await ask(frames, ({ style }) => style.height);
  }
  /** Waits until the frames that were set smaller for paper have been laid out as wide as they are now. */
  async function settleFrames() {
    const scaled = [...document.querySelectorAll('iframe.frame')].filter(({ style }) => style.transform);
    await ask(scaled, ({ dataset, style }) => `${dataset.room}px` === style.width);
  }
  /** Puts the contents behind the title on paper, each line with its page. */
  function addContents() {
    const list = document.querySelector('nav.toc ol');
    if (!list || document.querySelector('.paper-contents')) return;
    const contents = document.createElement('nav');
    contents.className = 'paper-contents';
    contents.setAttribute('aria-label', 'Contents');
    const lines = [...list.querySelectorAll('li')].map((item) => {
      const line = item.cloneNode(true);
      const link = line.querySelector('a');
      const [words, page] = [document.createElement('span'), document.createElement('span')];
      words.append(...link.childNodes);
      page.className = 'page-number';
      link.append(words, page);
      return line;
    });
    const ordered = document.createElement('ol');
    ordered.append(...lines);
    contents.append(Object.assign(document.createElement('p'), { textContent: 'Contents' }), ordered);
    document.querySelector('.title-block').after(contents);
  }
  function numberContents(pages) {
    let hasChanged = false;
    for (const link of document.querySelectorAll('.paper-contents a')) {
      const number = String(pages[link.getAttribute('href').slice(1)] ?? '');
      const place = link.querySelector('.page-number');
      hasChanged ||= place.textContent !== number;
      place.textContent = number;
    }
    return hasChanged;
  }
  window.gmmVae = { ...window.gmmVae, fitToPaper, loadFrames, settleFrames, addContents, numberContents };

  const links = new Map([...document.querySelectorAll('nav.toc a')].map((a) => [a.getAttribute('href').slice(1), a]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  function follow() {
    const current = headings.findLast((heading) => heading.getBoundingClientRect().top < 120) ?? headings[0];
    for (const [id, link] of links) {
      if (id === current?.id) link.setAttribute('aria-current', 'location');
      else link.removeAttribute('aria-current');
    }
  }
  addEventListener('scroll', follow, { passive: true });
  follow();

  document.addEventListener('click', async ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    if (target.matches('.copy')) {
      const code = target.parentElement.querySelector('code');
      try {
        await navigator.clipboard.writeText(code.textContent);
        target.textContent = 'Copied';
      } catch {
        // Where the clipboard is out of reach, one key is left to the reader.
        getSelection().selectAllChildren(code);
        target.textContent = 'Selected';
      }
      setTimeout(() => {
        target.textContent = 'Copy';
      }, 1500);
    } else if (target.matches('.toggle-code')) {
      const open = target.getAttribute('aria-pressed') !== 'true';
      target.setAttribute('aria-pressed', String(open));
      target.textContent = open ? 'Hide all code' : 'Show all code';
      for (const details of document.querySelectorAll('details.code')) details.open = open;
    } else if (target.matches('.toggle-theme')) {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      window.gmmVae.repaint?.();
    } else if (target.matches('.run-frame')) {
      const frame = target.parentElement.querySelector('iframe');
      frame.sandbox = 'allow-scripts allow-popups';
      // Permissions count from the next load.
      frame.srcdoc = target.dataset.output;
      target.remove();
    }
  });
  // A frame says how large its content is; nothing else is taken from it.
  addEventListener('message', ({ source, data }) => {
    const frame = [...document.querySelectorAll('iframe.frame')].find(({ contentWindow }) => contentWindow === source);
    const sizes = [data?.frameHeight, data?.frameWidth, data?.roomWidth];
    if (!frame || !sizes.every(Number.isFinite)) return;
    frame.style.height = `${data.frameHeight + 2}px`;
    frame.dataset.width = data.frameWidth + 2;
    frame.dataset.room = data.roomWidth + 2;
  });
  for (const { contentWindow } of document.querySelectorAll('iframe.frame')) contentWindow?.postMessage('height', '*');

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }
})();
